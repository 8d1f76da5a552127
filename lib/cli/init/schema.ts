/** The zod schema of a type, as text. What cannot be seen, or cannot travel as JSON, is `z.unknown()` with a comment. */
import type * as TypeScript from "typescript";
import type { Project } from "./project.js";

const maxDepth = 8;

/** @param label names the value in the comment if its type is not known */
export function schemaOf(project: Project, type: TypeScript.Type, label: string): string {
  const { ts, checker } = project;

  function schema(type: TypeScript.Type, label: string, within: readonly TypeScript.Type[]): string {
    const { flags } = type;
    if (flags & (ts.TypeFlags.Any | ts.TypeFlags.Unknown)) return unknown(label);
    if (flags & ts.TypeFlags.String) return "z.string()";
    if (flags & ts.TypeFlags.Number) return "z.number()";
    if (flags & ts.TypeFlags.Boolean) return "z.boolean()";
    if (flags & ts.TypeFlags.Null) return "z.null()";
    if (flags & (ts.TypeFlags.Undefined | ts.TypeFlags.Void)) return "z.undefined()";
    if (flags & ts.TypeFlags.EnumLike) return unknown(nameOf(type));
    if (type.isStringLiteral() || type.isNumberLiteral()) return `z.literal(${JSON.stringify(type.value)})`;
    if (flags & ts.TypeFlags.BooleanLiteral) return `z.literal(${checker.typeToString(type)})`;
    if (type.isUnion()) return union(type, within);
    if (within.includes(type) || within.length === maxDepth || !(flags & (ts.TypeFlags.Object | ts.TypeFlags.Intersection))) return unknown(nameOf(type));
    return object(type, [...within, type]);
  }

  function union({ types }: TypeScript.UnionType, within: readonly TypeScript.Type[]): string {
    const has = (flags: TypeScript.TypeFlags) => types.some((one) => one.flags & flags);
    const others = types.filter((one) => !(one.flags & (ts.TypeFlags.Null | ts.TypeFlags.Undefined | ts.TypeFlags.Void | ts.TypeFlags.BooleanLiteral)));
    const schemas = others.every((one) => one.isStringLiteral() && !(one.flags & ts.TypeFlags.EnumLike)) && others.length > 1
      ? [`z.enum([${others.map((one) => JSON.stringify((one as TypeScript.StringLiteralType).value)).join(", ")}])`]
      : others.map((one) => schema(one, "", within));
    const booleans = types.filter((one) => one.flags & ts.TypeFlags.BooleanLiteral);
    if (booleans.length === 2) schemas.push("z.boolean()");
    else schemas.push(...booleans.map((one) => schema(one, "", within)));
    return (schemas.length === 1 ? schemas[0]! : `z.union([${schemas.join(", ")}])`)
      + (has(ts.TypeFlags.Null) ? ".nullable()" : "") + (has(ts.TypeFlags.Undefined | ts.TypeFlags.Void) ? ".optional()" : "");
  }

  function object(type: TypeScript.Type, within: readonly TypeScript.Type[]): string {
    const parts = checker.isArrayType(type) || checker.isTupleType(type) ? checker.getTypeArguments(type as TypeScript.TypeReference) : [];
    if (checker.isTupleType(type)) return `z.tuple([${parts.map((one) => schema(one, "", within)).join(", ")}])`;
    if (checker.isArrayType(type)) return `z.array(${schema(parts[0]!, "", within)})`;
    if (/^(?:Buffer|Uint8Array)$/.test(type.symbol?.name ?? "")) return `z.instanceof(${type.symbol.name})`;
    if (type.getCallSignatures().length > 0 || isForeign(type)) return unknown(nameOf(type));
    const indexed = type.getStringIndexType();
    const properties = checker.getPropertiesOfType(type);
    if (indexed !== undefined && properties.length === 0) return `z.record(z.string(), ${schema(indexed, "", within)})`;
    return objectText(properties.map((one) => property(one, within)), within.filter((one) => !checker.isArrayType(one) && !checker.isTupleType(one)).length);
  }

  function property(symbol: TypeScript.Symbol, within: readonly TypeScript.Type[]): string {
    const text = schema(checker.getTypeOfSymbol(symbol), "", within);
    const optional = symbol.flags & ts.SymbolFlags.Optional && !text.endsWith(".optional()") ? ".optional()" : "";
    return `${propertyName(symbol.name)}: ${text}${optional}`;
  }

  /** A class or interface of a package or of JavaScript itself, such as Date or Map. */
  function isForeign({ symbol }: TypeScript.Type): boolean {
    return symbol !== undefined && !symbol.name.startsWith("__")
      && (symbol.declarations ?? []).some((one) => one.getSourceFile().fileName.includes("/node_modules/"));
  }

  function nameOf(type: TypeScript.Type): string {
    return checker.typeToString(type);
  }

  return schema(type, label, []);
}

function unknown(comment: string): string {
  const text = comment.replace(/\s+/g, " ").replaceAll("*/", "* /").slice(0, 60);
  return `z.unknown() /* TODO${text === "" ? "" : `: ${text}`} */`;
}

/** On one line if it is short. `depth` counts the objects around it, and itself. */
export function objectText(properties: readonly string[], depth: number): string {
  const line = properties.join(", ");
  if (line.length <= 80 && !line.includes("\n")) return line === "" ? "z.object({})" : `z.object({ ${line} })`;
  const indent = "  ".repeat(depth);
  return `z.object({\n${properties.map((one) => `${indent}  ${one},\n`).join("")}${indent}})`;
}

export function propertyName(name: string): string {
  if (name === "__proto__") return '["__proto__"]';
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name);
}
