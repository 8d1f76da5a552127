/** The texts that an expression can be: a string, a constant, or a template of constants. */
import type * as TypeScript from "typescript";
import type { Project } from "./project.js";

/** Several if the type is a union of strings; undefined if they are known only when the program runs. */
export function textsOf(project: Project, expression: TypeScript.Expression): readonly string[] | undefined {
  const { checker } = project;
  const one = textOf(project, expression);
  if (one !== undefined) return [one];
  const type = checker.getTypeAtLocation(expression);
  return type.isUnion() && type.types.every((part) => part.isStringLiteral()) ? type.types.map((part) => part.value) : undefined;
}

export function textOf(project: Project, expression: TypeScript.Expression): string | undefined {
  const { ts, checker } = project;
  if (ts.isStringLiteralLike(expression)) return expression.text;
  if (ts.isTemplateExpression(expression)) {
    return joined([expression.head.text, ...expression.templateSpans.flatMap(({ expression, literal }) => [textOf(project, expression), literal.text])]);
  }
  if (ts.isBinaryExpression(expression) && expression.operatorToken.kind === ts.SyntaxKind.PlusToken) {
    return joined([textOf(project, expression.left), textOf(project, expression.right)]);
  }
  const type = checker.getTypeAtLocation(expression);
  return type.isStringLiteral() ? type.value : textOfProperty(project, expression);
}

/** A property of a constant object, `const EVENTS = { MESSAGE: "message" }`, has only the type string. */
function textOfProperty(project: Project, expression: TypeScript.Expression): string | undefined {
  const { ts, checker } = project;
  if (!ts.isPropertyAccessExpression(expression)) return undefined;
  const declaration = checker.getSymbolAtLocation(expression.name)?.valueDeclaration;
  return declaration && ts.isPropertyAssignment(declaration) ? textOf(project, declaration.initializer) : undefined;
}

function joined(parts: readonly (string | undefined)[]): string | undefined {
  return parts.includes(undefined) ? undefined : parts.join("");
}
