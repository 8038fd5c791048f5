import { describe, expect, it } from '@jest/globals';
import { documentProblems } from './document-problems.js';

const problem = (name: string) => ({
  'application/problem+json': { schema: { $ref: `#/components/schemas/${name}` } },
});

describe('documentProblems', () => {
  it('gives every error its schema, and leaves alone what is none or has one', () => {
    const own = { 'application/json': { schema: { type: 'object' } } };
    const responses: Record<string, object> = {
      200: { description: 'fine' },
      400: { description: 'wrong' },
      409: { description: 'refused' },
      '5XX': { description: 'broken' },
      502: { description: 'beyond', content: own },
    };
    const document = { paths: { '/orders': { parameters: [], post: { responses } } } };
    expect(documentProblems(document)).toBe(document);
    expect(responses).toEqual({
      200: { description: 'fine' },
      400: { description: 'wrong', content: problem('InvalidRequestProblem') },
      409: { description: 'refused', content: problem('Problem') },
      '5XX': { description: 'broken', content: problem('Problem') },
      502: { description: 'beyond', content: own },
      503: expect.objectContaining({ content: problem('Problem'), headers: { 'Retry-After': expect.anything() } }),
    });
  });

  it('keeps schemas and a 503 of the application, and describes what several operations share', () => {
    const schemas = { Order: { type: 'object' }, Problem: { type: 'string' } };
    const document = {
      paths: {
        '/orders': {
          get: { responses: { 404: { $ref: '#/components/responses/Gone' }, 503: { description: 'own' } } },
        },
      },
      components: { schemas, responses: { Gone: { description: 'gone' } } },
    };
    documentProblems(document);
    expect(document.components.schemas).toMatchObject({ ...schemas, InvalidRequestProblem: expect.anything() });
    expect(document.components.responses.Gone).toEqual({ description: 'gone', content: problem('Problem') });
    expect(document.paths['/orders'].get.responses[503]).toEqual({ description: 'own', content: problem('Problem') });
  });

  it('says the same when it is asked twice', () => {
    const document = () => ({ paths: { '/': { get: { responses: { 400: { description: 'wrong' } } } } } });
    expect(documentProblems(documentProblems(document()))).toEqual(documentProblems(document()));
  });
});
