/** An OpenAPI document, as far as it is looked at: what `SwaggerModule.createDocument` returns is one. */
export interface DescribedApi {
  paths: object;
  components?: object;
}

interface Answer {
  readonly $ref?: string;
  readonly description?: string;
  headers?: object;
  content?: object;
}

interface Operation {
  readonly responses?: Record<string, Answer>;
}

const METHODS: readonly string[] = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'];

const PROBLEM = {
  type: 'object',
  description: 'Problem details (RFC 9457). Fields beyond these belong to the type of the problem.',
  required: ['type', 'title', 'status'],
  properties: {
    type: { type: 'string', example: 'urn:gesta:problem:refused', description: 'Which kind of problem it is' },
    title: { type: 'string', example: 'Conflict' },
    status: { type: 'integer', example: 409 },
    detail: { type: 'string', description: 'What happened, in words' },
    instance: { type: 'string', description: 'The path of the request' },
    name: { type: 'string', description: 'Of a refusal: the name of the domain error' },
    code: { type: 'string', description: 'Of a refusal that has one: its code' },
  },
  additionalProperties: true,
};

const INVALID_REQUEST = {
  description: 'Problem details of a request that breaks rules, with every field that does',
  allOf: [{ $ref: '#/components/schemas/Problem' }],
  type: 'object',
  properties: {
    violations: {
      type: 'array',
      items: {
        type: 'object',
        required: ['field', 'rules'],
        properties: {
          field: { type: 'string', example: 'lines.0.quantity' },
          rules: { type: 'array', items: { type: 'string' }, example: ['quantity must not be less than 1'] },
        },
      },
    },
  },
};

const TRY_AGAIN = {
  description: 'Not now, and nothing was done: it can be tried again',
  headers: { 'Retry-After': { description: 'When, in seconds', schema: { type: 'integer' } } },
};

/**
 * Says of every error in an OpenAPI document what it looks like: problem details, of a 400 with the fields that break
 * rules. Every operation gets the 503 that any of them may have. What the application describes by a schema stays as it is.
 *
 * ```ts
 * SwaggerModule.setup('docs', app, () => documentProblems(SwaggerModule.createDocument(app, description)));
 * ```
 * @returns the same document
 */
export function documentProblems<D extends DescribedApi>(document: D): D {
  const components = (document.components ??= {}) as {
    schemas?: Record<string, unknown>;
    responses?: Record<string, Answer>;
  };
  components.schemas = { Problem: PROBLEM, InvalidRequestProblem: INVALID_REQUEST, ...components.schemas };
  for (const path of Object.values(document.paths) as Record<string, Operation>[]) {
    for (const method of METHODS) {
      const responses = path[method]?.responses;
      if (!responses) continue;
      responses['503'] ??= { ...TRY_AGAIN };
      for (const [status, answer] of Object.entries(responses)) {
        if (/^[45]/.test(status)) describe(status, shared(answer, components.responses) ?? answer);
      }
    }
  }
  return document;
}

function describe(status: string, answer: Answer): void {
  if (answer.content && Object.keys(answer.content).length > 0) return;
  const schema = { $ref: `#/components/schemas/${status === '400' ? 'InvalidRequestProblem' : 'Problem'}` };
  answer.content = { 'application/problem+json': { schema } };
}

/** What the answer refers to, where it does. */
function shared({ $ref }: Answer, responses: Record<string, Answer> = {}): Answer | undefined {
  return $ref === undefined ? undefined : responses[$ref.replace('#/components/responses/', '')];
}
