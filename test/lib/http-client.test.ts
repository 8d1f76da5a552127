import { expect } from "chai";
import { readBody, safeUrl } from "../../lib/http-client.js";

describe("A URL that the guard sends to", () => {
  it("is https, or http on this machine", () => {
    for (const url of ["https://login.example/check", "http://localhost:1/", "http://[::1]:1/", "http://127.1.2.3/"]) expect(safeUrl(url)?.href).to.equal(url);
    for (const url of ["http://login.example/", "http://localhost.example/", "http://127.0.0.1.example/", "ftp://127.0.0.1/", "login", "", undefined, null]) expect(safeUrl(url), String(url)).to.equal(undefined);
  });

  it("is http to another machine only if that is allowed", () => {
    expect(safeUrl("http://login.example/", true)?.hostname).to.equal("login.example");
    expect(safeUrl("ftp://login.example/", true)).to.equal(undefined);
  });

  it("has no name and password in it", () => {
    expect(safeUrl("https://alice:secret@login.example/")).to.equal(undefined);
  });
});

describe("A body that the guard reads", () => {
  it("is returned up to its limit", async () => {
    expect((await readBody(new Response("12345"), 5))?.toString()).to.equal("12345");
    expect((await readBody(new Response(null), 5))?.length).to.equal(0);
    expect(await readBody(new Response("123456"), 5)).to.equal(undefined);
  });

  it("is not read at all if Content-Length says that it is too large", async () => {
    let isCancelled = false;
    const body = new ReadableStream({ cancel: () => { isCancelled = true; } });
    expect(await readBody(new Response(body, { headers: { "content-length": "6" } }), 5)).to.equal(undefined);
    expect(isCancelled).to.equal(true);
  });
});
