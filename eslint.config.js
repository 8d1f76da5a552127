// Lint holds the house: which folder may import which (CONTRIBUTING.md), and what TypeScript alone does not.
import js from "@eslint/js";
import tseslint from "typescript-eslint";
import noImportCircles from "./lint/no-import-circles.js";

// Each folder of lib may import those to its left, and nothing to its right.
const order = ["protocol", "room-name", "reserved-events", "guard-error", "optional-package", "refusal", "nesting", "callbacks", "failure-warnings", "audit-events", "timeout", "poller", "change-source", "key-changes", "configuration", "origins", "mode", "report", "report-line", "http-client", "webhook-signature", "limits", "audit", "metrics", "token", "api-keys", "authenticate", "signer", "room-auth", "session", "store", "policy", "socket", "rooms", "create-context", "guard-types", "guard", "index"];

// The stores on real engines, the HTTP endpoint, published keys and the sessions of Express stand beside: each is a subpath of its own, which nothing else may draw in.
const engines = ["sql", "redis", "http", "jwks", "express-session", "webhooks", "prometheus", "opentelemetry"];

// Besides, with packages that are optional: only the command line, which nothing imports, may import them.
const apart = ["user-file", "cli"];

const oneWay = order.map((name, position) => ({
  files: [`lib/${name}.ts`, `lib/${name}/**/*.ts`],
  rules: {
    "no-restricted-imports": ["error", { patterns: [
      ...order.slice(position + 1).map((later) => ({ group: [`**/${later}.js`, `**/${later}/*.js`], message: `lib/${name} may not import ${later}, which comes after it.` })),
      { group: [...engines.map((name) => `**/${name}/*.js`), "kysely", "redis", "opossum"], message: "Only its own folder draws in a subpath or its engine." },
      { group: apart.map((name) => `**/${name}/*.js`), message: "Only its own subpath or the command line may import it." },
      { group: ["**/definitions/**", "**/modules/**"], message: "lib knows nothing of the sample." },
      ...(name === "socket" || name === "create-context" || name === "guard" || name === "index" ? [] : [{ group: ["socket.io", "socket.io/*"], message: "Only lib/socket touches Socket.IO." }]),
    ] }],
  },
}));

const besides = engines.map((name) => ({
  files: [`lib/${name}/**/*.ts`],
  rules: {
    "no-restricted-imports": ["error", { patterns: [
      { group: ["policy", "socket", "guard", "index"].flatMap((later) => [`../${later}.js`, `../${later}/*.js`]), message: `lib/${name} may import protocol, configuration, token, api-keys, authenticate, store and session.` },
      { group: ["socket.io", "socket.io/*", "**/definitions/**", "**/modules/**"], message: "A store knows nothing of them." },
    ] }],
  },
}));

const aside = apart.map((name) => ({
  files: [`lib/${name}/**/*.ts`],
  rules: {
    "@typescript-eslint/no-restricted-imports": ["error", { patterns: [
      { group: ["policy", "socket", "guard", "index"].flatMap((later) => [`../${later}.js`, `../${later}/*.js`]), message: `lib/${name} knows nothing of events and sockets.` },
      { group: ["socket.io", "socket.io/*", "**/definitions/**", "**/modules/**"], message: `lib/${name} knows nothing of them.` },
      { group: ["@node-rs/*", "yaml"], allowTypeImports: true, message: "Packages that may be missing are loaded by lib/optional-package.ts." },
    ] }],
  },
}));

export default tseslint.config(
  { ignores: ["dist", "build", "node_modules", "coverage", "data", "bench/results", "examples"] },
  js.configs.recommended,
  ...tseslint.configs.recommendedTypeChecked.map((config) => ({ ...config, files: ["**/*.ts"] })),
  {
    files: ["**/*.ts"],
    languageOptions: { parserOptions: { project: "./tsconfig.json" } },
    rules: {
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/switch-exhaustiveness-check": "error",
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", ignoreRestSiblings: true }],
      "prefer-const": "error",
      eqeqeq: ["error", "always", { null: "ignore" }],
    },
  },
  {
    files: ["lib/**/*.ts"],
    plugins: { guard: { rules: { "no-import-circles": noImportCircles } } },
    rules: { "guard/no-import-circles": "error" },
  },
  ...oneWay,
  ...besides,
  ...aside,
  {
    files: ["lib/client/**/*.ts"],
    rules: { "@typescript-eslint/no-restricted-imports": ["error", { patterns: [
      { group: ["../*", "!../protocol.js"], message: "lib/client imports lib/protocol.ts alone." },
      { group: ["node:*", "socket.io", "socket.io/*"], message: "lib/client runs in browsers too." },
      { group: ["socket.io-client"], allowTypeImports: true, message: "Of socket.io-client, lib/client takes types alone." },
      { group: ["@noble/*"], allowTypeImports: true, message: "Only pages with encrypted rooms load the cipher: room-cipher.ts imports it dynamically." },
    ] }] },
  },
  {
    files: ["definitions/**/*.ts", "modules/**/*.ts"],
    rules: { "no-restricted-imports": ["error", { patterns: [{ group: ["**/lib/**", "**/dist/**"], message: "Import socket.io-guard by its package name, as a user would." }] }] },
  },
  {
    files: ["test/**/*.ts"],
    rules: { "@typescript-eslint/no-unused-expressions": "off", "@typescript-eslint/require-await": "off" },
  },
);
