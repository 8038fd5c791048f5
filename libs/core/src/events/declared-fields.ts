import { parseExpressionAt, type Class as ClassNode, type MethodDefinition, type Node } from 'acorn';
import type { Class } from './class.js';

/** A field as the source of its class has it. */
export interface DeclaredField {
  /** The constructor's parameter that it is given as it is, counted from 0: that of a parameter property, say. */
  readonly parameter?: number;
}

/**
 * The fields that the source of the class, or of what it extends, tells of: those that are declared and those that the
 * constructor sets. The source is what the engine has of it, after whatever compiler, so that some may be missing.
 */
export function declaredFields(ofClass: Class): ReadonlyMap<string, DeclaredField> {
  const fields = new Map<string, DeclaredField>();
  for (let each: unknown = ofClass; typeof each === 'function' && each !== Function.prototype;) {
    for (const [field, declared] of fieldsIn(Function.prototype.toString.call(each))) {
      if (!fields.has(field)) fields.set(field, each === ofClass ? declared : {});
    }
    each = Object.getPrototypeOf(each);
  }
  return fields;
}

function fieldsIn(source: string): ReadonlyMap<string, DeclaredField> {
  const fields = new Map<string, DeclaredField>();
  if (!source.startsWith('class')) return fields;
  let body: ClassNode['body']['body'];
  try {
    ({ body } = (parseExpressionAt(source, 0, { ecmaVersion: 'latest' }) as unknown as ClassNode).body);
  } catch {
    return fields; // syntax that this parser does not know yet
  }
  for (const member of body) {
    if (member.type === 'PropertyDefinition' && !member.static && member.key.type === 'Identifier')
      fields.set(member.key.name, {});
    if (member.type === 'MethodDefinition' && member.kind === 'constructor') setIn(member, fields);
  }
  return fields;
}

function setIn({ value: { params, body } }: MethodDefinition, fields: Map<string, DeclaredField>): void {
  const parameters = params.map((each) => (each.type === 'AssignmentPattern' ? each.left : each));
  const names = parameters.map((each) => (each.type === 'Identifier' ? each.name : undefined));
  const look = (node: unknown): void => {
    if (Array.isArray(node)) return node.forEach(look);
    if (typeof node !== 'object' || node === null || !('type' in node)) return;
    const { type, left, right } = node as Record<string, Node & Record<string, Node & { name?: string }>> & {
      type: string;
    };
    if (type === 'AssignmentExpression' && left?.type === 'MemberExpression') {
      const field = left.object?.type === 'ThisExpression' && !left.computed ? left.property?.name : undefined;
      const from = right?.type === 'Identifier' ? names.indexOf((right as unknown as { name: string }).name) : -1;
      if (field !== undefined) fields.set(field, from < 0 ? {} : { parameter: from });
    }
    Object.values(node).forEach(look);
  };
  look(body);
}
