// An ESLint rule: no file imports itself through other files. Imports of types count, too.
import { readFileSync } from "node:fs";
import { dirname, relative, resolve } from "node:path";

const imports = new Map();

/** The files of this project that a file imports. */
function importsOf(file) {
  let found = imports.get(file);
  if (found === undefined) {
    const sources = [...readFileSync(file, "utf8").matchAll(/^(?:import|export)\b[^"']*?["'](\.[^"']+)\.js["']/gm)];
    imports.set(file, found = sources.map(([, source]) => resolve(dirname(file), `${source}.ts`)));
  }
  return found;
}

/** The shortest way from one file to another, or undefined. */
function wayBetween(from, to) {
  const cameFrom = new Map([[from, undefined]]);
  for (const file of cameFrom.keys()) {
    if (file === to) {
      const way = [];
      for (let step = file; step !== undefined; step = cameFrom.get(step)) way.unshift(step);
      return way;
    }
    for (const next of importsOf(file)) if (!cameFrom.has(next)) cameFrom.set(next, file);
  }
  return undefined;
}

export default {
  meta: { type: "problem", schema: [], messages: { circle: "This import closes a circle: {{way}}. Move what both files need into a file of its own." } },
  create(context) {
    const check = ({ source }) => {
      if (!source?.value.startsWith(".")) return;
      const way = wayBetween(resolve(dirname(context.filename), source.value.replace(/\.js$/, ".ts")), context.filename);
      if (way === undefined) return;
      const names = [context.filename, ...way].map((file) => relative(context.cwd, file));
      context.report({ node: source, messageId: "circle", data: { way: names.join(" -> ") } });
    };
    return { ImportDeclaration: check, ExportNamedDeclaration: check, ExportAllDeclaration: check };
  },
};
