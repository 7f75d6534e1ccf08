// Finds and loads the handler as AWS's Node runtime does.

import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { Failure } from "./node_errors.mjs";
import { HIGH_WATER_MARK, HttpResponseStream, STREAMING } from "./node_stream.mjs";

const require = createRequire(import.meta.url);
const GONE = "ERROR: AWS Lambda has removed support for callback-based function handlers starting with Node.js 24. You need to modify this function to use a supported handler signature to use Node.js 24 or later. For more information see https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html.";

globalThis.awslambda = {
  streamifyResponse(handler, options) {
    handler[STREAMING] = "response";
    if (typeof options?.highWaterMark === "number") handler[HIGH_WATER_MARK] = Math.trunc(options.highWaterMark);
    return handler;
  },
  HttpResponseStream,
};

// The classes whose methods handlers are on AWS: V8 writes their names into stack traces.
const OWNERS = { Runtime: class Runtime {}, Buffered: class BufferedInvokeProcessor {}, Streaming: class StreamingInvokeProcessor {} };

// Returns an object with the method `handler` and the flag `streaming`. `callbacks`: whether they are allowed.
export async function load(root, text, { callbacks }) {
  if (text.includes("..")) {
    const advice = "Use absolute paths when specifying root directories in handler names.";
    throw new Failure("Runtime.MalformedHandlerName", `'${text}' is not a valid handler name. ${advice}`);
  }
  const base = path.basename(text);
  const [, module, names] = /^([^.]*)\.(.*)$/.exec(base) ?? []; // at the first dot, not the last
  if (module === undefined) throw new Failure("Runtime.MalformedHandlerName", "Bad handler");
  const folder = path.resolve(root, text.slice(0, text.indexOf(base)));
  const loaded = await loadModule(root, folder, module, callbacks);
  const step = (found, name) => (callbacks || typeof found === "object" ? found?.[name] : undefined);
  const inside = (whole) => names.split(".").reduce(step, whole);
  const run = inside(loaded) || (callbacks ? undefined : inside(loaded.default));
  if (!run) throw new Failure("Runtime.HandlerNotFound", `${text} is undefined or not exported`);
  if (typeof run !== "function") throw new Failure("Runtime.HandlerNotFound", `${text} is not a function`);
  if (run[STREAMING] && run[STREAMING] !== "response") {
    if (callbacks) throw new ReferenceError("MalformedStreamingHandler is not defined"); // as in aws-lambda-ric 3
    throw new Failure("Runtime.MalformedStreamingHandler", "Only response streaming is supported.");
  }
  const streaming = Boolean(run[STREAMING]);
  if (!callbacks && !streaming && run.length >= 3) throw new Failure("Runtime.CallbackHandlerDeprecated", GONE);
  const Owner = OWNERS[callbacks ? "Runtime" : streaming ? "Streaming" : "Buffered"];
  return Object.assign(new Owner(), { handler: run, streaming });
}

async function loadModule(root, folder, module, callbacks) {
  const hint = " (AWS's runtime brings its own SDK; here install it where NODE_PATH points, or bundle it)";
  const find = callbacks ? requireFirst : importAll;
  try {
    return (await find(path.join(folder, module))) || require(require.resolve(module, { paths: [root, folder] }));
  } catch (error) {
    if (/_NOT_FOUND$/.test(error?.code) && error.message.includes("@aws-sdk/")) error.message += hint;
    if (error instanceof SyntaxError) throw new Failure("Runtime.UserCodeSyntaxError", String(error), callbacks ? undefined : error.stack);
    if (error?.code === "MODULE_NOT_FOUND") throw new Failure("Runtime.ImportModuleError", String(error));
    throw error;
  }
}

const required = (file) => (existsSync(file) ? require(file) : undefined);
const imported = (file) => (existsSync(file) ? import(pathToFileURL(file)) : undefined);

// aws-lambda-ric 3: CommonJS, unless the nearest package.json says otherwise
async function requireFirst(file) {
  const esm = existsSync(`${file}.js`) && isModule(path.dirname(file));
  return (
    required(file) ||
    (!esm && required(`${file}.js`)) ||
    (esm && (await imported(`${file}.js`))) ||
    (await imported(`${file}.mjs`)) ||
    required(`${file}.cjs`)
  );
}

// aws-lambda-ric 4
async function importAll(file) {
  for (const end of ["", ".js", ".mjs", ".cjs"]) {
    const module = await imported(`${file}${end}`);
    if (module) return module;
  }
  return undefined;
}

function isModule(folder) {
  if (folder.endsWith("/node_modules")) return false;
  try {
    const file = path.join(folder, "package.json");
    if (existsSync(file)) return JSON.parse(readFileSync(file))?.type === "module";
  } catch {
    return false;
  }
  return folder !== "/" && isModule(path.dirname(folder));
}
