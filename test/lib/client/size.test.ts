import { gzipSync } from "node:zlib";
import { expect } from "chai";
import { build } from "esbuild";

/** What a browser loads besides socket.io-client. */
const maxBytes = 3_072;

async function bundled(platform: "browser" | "neutral") {
  const { outputFiles, metafile } = await build({
    entryPoints: ["lib/client/index.ts"], bundle: true, minify: true, format: "esm", platform, target: "es2022", write: false, metafile: true,
  });
  return { code: outputFiles[0]!.contents, inputs: Object.keys(metafile.inputs) };
}

describe("socket.io-guard/client", () => {
  it(`is at most ${maxBytes} bytes, gzipped`, async () => {
    const { code } = await bundled("browser");
    expect(gzipSync(code, { level: 9 }).length).to.be.at.most(maxBytes);
  });

  it("uses nothing of Node, and of the rest of lib only protocol.ts", async () => {
    const { code, inputs } = await bundled("neutral");
    expect(inputs.filter((file) => !file.startsWith("lib/client/"))).to.deep.equal(["lib/protocol.ts"]);
    expect(new TextDecoder().decode(code)).not.to.match(/\bimport\b|\brequire\b|\bprocess\b|\bBuffer\b/);
  });
});
