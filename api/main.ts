// npm run api: compares the public types of each entry point with its report in this folder, so that a change of them is seen
// in review. `npm run api -- --update` writes the reports. It reads the declarations in dist/.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { Extractor, ExtractorConfig, ExtractorLogLevel, type IConfigFile } from "@microsoft/api-extractor";
import manifest from "../package.json" with { type: "json" };

const { values: { update } } = parseArgs({ options: { update: { type: "boolean", default: false } } });
const root = fileURLToPath(new URL("..", import.meta.url));
const found = join(root, "build/api");

function configOf(name: string, declarations: string): IConfigFile {
  const mute = { default: { logLevel: ExtractorLogLevel.None } };
  return {
    projectFolder: root,
    mainEntryPointFilePath: declarations,
    compiler: { overrideTsconfig: { extends: join(root, "tsconfig.json"), include: [], files: [declarations] } },
    // Types that the root uses but does not export are a part of its surface, too. The other entry points share them.
    apiReport: { enabled: true, reportFileName: `${name}.api.md`, reportFolder: join(root, "api"), reportTempFolder: found, includeForgottenExports: name === "index" },
    docModel: { enabled: false },
    dtsRollup: { enabled: false },
    tsdocMetadata: { enabled: false },
    messages: { extractorMessageReporting: mute, tsdocMessageReporting: mute },
  };
}

/** Whether the report was the same as what is exported now. */
function checkReport(name: string, types: string): boolean {
  const config = ExtractorConfig.prepare({
    configObject: configOf(name, join(root, types)), configObjectFullPath: undefined, packageJsonFullPath: join(root, "package.json"),
  });
  const { apiReportChanged } = Extractor.invoke(config, { localBuild: update, messageCallback: (message) => { message.handled = message.logLevel !== ExtractorLogLevel.Error; } });
  return !apiReportChanged;
}

mkdirSync(found, { recursive: true });
const entryPoints = Object.entries(manifest.exports).filter((entry): entry is [string, { types: string; default: string }] => typeof entry[1] === "object");
const changed = entryPoints.map(([subpath, { types }]) => ({ name: subpath === "." ? "index" : subpath.slice(2), types })).filter(({ name, types }) => !checkReport(name, types));
for (const { name } of changed) {
  console.log(update ? `Updated api/${name}.api.md.` : `The public types differ from api/${name}.api.md. Compare it with build/api/${name}.api.md. If you meant the change, run npm run api -- --update.`);
}
process.exitCode = changed.length > 0 && !update ? 1 : 0;
