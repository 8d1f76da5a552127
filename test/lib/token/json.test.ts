/** Strict JSON: no name twice, nothing too deep, nothing that changes a prototype. */
import { expect } from "chai";
import { type JsonObject, parseObject } from "../../../lib/token/json.js";
import { Refusal } from "../../../lib/refusal.js";
import { randomFrom, seed } from "../../support/draws.js";

const reason = (text: string) => {
  const answer = parseObject(text);
  return answer instanceof Refusal ? answer.reason : "accepted";
};

describe("Strict JSON", () => {
  for (const text of ["{}", " {\n\t\"a\" : [ 1 , -2.5e3 , true , null ] }\r\n", "{\"a:b\":\"{[,]}\",\"c\":\"\\\"d\\\":1\"}", "{\"a\":{\"a\":[{\"a\":1},{\"a\":2}]}}", "{\"\":1,\" \":2}", "{\"a\\\\\":1,\"a\":2}"]) {
    it(`reads ${JSON.stringify(text)}`, () => expect(parseObject(text)).to.deep.equal(JSON.parse(text)));
  }

  for (const text of ["", " ", "{", "{}x", "{} {}", "{\"a\":1,}", "{'a':1}", "{a:1}", "\uFEFF{}", "{\"a\":NaN}", "{\"a\":01}", "{\"a\":\"\n\"}", "// {}", "undefined"]) {
    it(`refuses ${JSON.stringify(text)}, which is not JSON`, () => expect(reason(text)).to.equal("a part of it is not JSON"));
  }

  for (const text of ["[]", "null", "1", "\"a\"", "true", "[{\"a\":1}]"]) {
    it(`refuses ${text}, which is not an object`, () => expect(reason(text)).to.equal("its header or payload is not a JSON object"));
  }

  for (const [title, text] of Object.entries({
    "at the top": "{\"a\":1,\"a\":2}",
    "with equal values": "{\"a\":1,\"b\":0,\"a\":1}",
    "in an object in an object": "{\"a\":{\"b\":1,\"b\":2}}",
    "in an object in a list": "{\"a\":[1,{\"b\":1,\"b\":2}]}",
    "in a value that is then replaced": "{\"a\":{\"b\":1,\"c\":1},\"a\":{\"b\":1}}",
    "spelled with an escape": "{\"a\":1,\"\\u0061\":2}",
    "spelled with an escaped slash": "{\"a/b\":1,\"a\\/b\":2}",
    "beyond the basic plane": "{\"😀\":1,\"\\ud83d\\ude00\":2}",
    "that is a number": "{\"1\":1,\"1\":2}",
    "that is empty": "{\"\":1,\"\":2}",
    "that is __proto__": "{\"__proto__\":1,\"__proto__\":2}",
    "that is __proto__ and hides another": "{\"__proto__\":{\"a\":1,\"a\":2}}",
    "that is constructor": "{\"constructor\":1,\"constructor\":2}",
  })) {
    it(`refuses a duplicate name ${title}`, () => expect(reason(text)).to.equal("its JSON has the same name twice in one object"));
  }

  it("reads 32 levels and refuses 33, of objects and of lists", () => {
    const objects = (depth: number) => "{\"a\":".repeat(depth - 1) + "{}" + "}".repeat(depth - 1);
    const lists = (depth: number) => `{"a":${"[".repeat(depth - 1)}${"]".repeat(depth - 1)}}`;
    for (const nested of [objects, lists]) {
      expect(reason(nested(32))).to.equal("accepted");
      expect(reason(nested(33))).to.equal("its JSON is nested deeper than 32");
      expect(reason(nested(1200))).to.equal("its JSON is nested deeper than 32");
    }
    expect(reason(`{"a":"${"[".repeat(100)}"}`)).to.equal("accepted");
  });

  it("removes __proto__ at every depth", () => {
    const value = parseObject("{\"__proto__\":{\"admin\":true},\"b\":[{\"__proto__\":{\"admin\":true}}]}") as { b: JsonObject[] } & JsonObject;
    for (const object of [value, value.b[0] as JsonObject, Object.assign({}, value) as JsonObject]) {
      expect(Object.getPrototypeOf(object)).to.equal(Object.prototype);
      expect(Object.hasOwn(object, "__proto__")).to.equal(false);
      expect(object["admin"]).to.equal(undefined);
    }
  });

  it("agrees with JSON.parse on random objects, and finds a name that is written twice in them", () => {
    const random = randomFrom(seed());
    for (let draw = 0; draw < 500; draw++) {
      const value = { top: randomValue(random, 4), other: randomValue(random, 3) };
      const text = JSON.stringify(value, null, random() < 0.5 ? 0 : 1);
      expect(parseObject(text), text).to.deep.equal(value);
      const places = [...text.matchAll(/\{(?=\s*"((?:[^"\\]|\\.)*)"\s*:)/g)].filter(({ index }) => !insideString(text, index));
      const place = places[Math.floor(random() * places.length)];
      if (place === undefined) continue;
      const twice = `${text.slice(0, place.index + 1)}"${place[1]}":0,${text.slice(place.index + 1)}`;
      expect(reason(twice), twice).to.equal("its JSON has the same name twice in one object");
    }
  });
});

const names = ["a", "b\"", "c\\", "{", "}:", "\u0000", "é", "😀", ":", "[\"", ""];

function randomValue(random: () => number, depth: number): unknown {
  const kind = Math.floor(random() * (depth === 0 ? 4 : 6));
  const pick = () => names[Math.floor(random() * names.length)] as string;
  if (kind === 0) return random() * 1e6;
  if (kind === 1) return pick() + pick();
  if (kind === 2) return random() < 0.5;
  if (kind === 3) return null;
  const items = Array.from({ length: Math.floor(random() * 5) }, () => randomValue(random, depth - 1));
  return kind === 4 ? items : Object.fromEntries(items.map((item) => [pick(), item]));
}

function insideString(text: string, at: number): boolean {
  const before = text.slice(0, at).replace(/\\./g, "").match(/"/g) ?? [];
  return before.length % 2 === 1;
}
