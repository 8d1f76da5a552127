import { gzipSync } from "node:zlib";
import { expect } from "chai";
import { build } from "esbuild";

/** What a browser loads besides socket.io-client, in bytes, gzipped. */
const limits = {
  /** Every page. */
  "index.ts": 3_072,
  /** Pages whose events wait for limits. */
  "waiting.ts": 1_024,
  /** Pages that join a room. */
  "rooms.ts": 4_352,
  /** Pages that join an encrypted room: XSalsa20-Poly1305. */
  "salsa.js": 5_120,
};

const dynamicImports: Record<keyof typeof limits, string[]> = { "index.ts": ["dynamic-import", "dynamic-import"], "waiting.ts": [], "rooms.ts": ["dynamic-import"], "salsa.js": [] };

/** Bundles the client as apps do: what is imported dynamically goes to a file of its own. */
async function bundled(platform: "browser" | "neutral") {
  const { outputFiles, metafile } = await build({
    entryPoints: ["lib/client/index.ts"], bundle: true, splitting: true, minify: true, format: "esm", platform, target: "es2022", outdir: "bundle", write: false, metafile: true,
  });
  return Object.entries(metafile.outputs).map(([path, { entryPoint, inputs, imports }]) => ({
    entry: entryPoint?.split("/").at(-1),
    code: outputFiles.find((file) => file.path.endsWith(path))!.contents,
    inputs: Object.keys(inputs),
    imports: imports.map(({ kind }) => kind),
  }));
}

describe("socket.io-guard/client", () => {
  it("consists of four files: the waiting, rooms and the cipher are loaded when a page needs them", async () => {
    const files = await bundled("browser");
    expect(files.map(({ entry }) => entry)).to.have.members(Object.keys(limits));
    for (const { entry, imports } of files) expect(imports, entry).to.deep.equal(dynamicImports[entry as keyof typeof limits]);
  });

  for (const [name, limit] of Object.entries(limits)) {
    it(`has at most ${limit} bytes in ${name}, gzipped`, async () => {
      const { code } = (await bundled("browser")).find(({ entry }) => entry === name)!;
      expect(gzipSync(code, { level: 9 }).length).to.be.at.most(limit);
    });
  }

  it("uses nothing of Node, of the rest of lib only protocol.ts, and of packages only the cipher", async () => {
    const files = await bundled("neutral");
    const inputs = files.flatMap(({ entry, inputs }) => inputs.map((file) => ({ entry, file })));
    const others = inputs.filter(({ file }) => !file.startsWith("lib/client/") && file !== "lib/protocol.ts");
    expect(new Set(others.map(({ entry, file }) => `${entry}: ${file.includes("node_modules/@noble/ciphers/") ? "@noble/ciphers" : file}`))).to.deep.equal(new Set(["salsa.js: @noble/ciphers"]));
    for (const { code } of files.filter(({ entry }) => entry !== "salsa.js")) expect(new TextDecoder().decode(code)).not.to.match(/\brequire\b|\bprocess\b|\bBuffer\b/);
  });
});
