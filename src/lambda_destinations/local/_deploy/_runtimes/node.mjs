// Runs a Node handler behind the Lambda Runtime API, with errors as AWS's own runtime reports them.
//
// The engine starts it as the bootstrap of a custom runtime, because the engine's own Node runtime flattens every
// error. Arguments: the declared runtime and the folder that stands for /opt.

import { writeSync, existsSync } from "node:fs";
import http from "node:http";
import { pathToFileURL } from "node:url";

const INVOCATION = "lambda-destinations:invocation", RESULT = "lambda-destinations:result";
const RESPONSE_LIMIT = 6291556; // bytes of a response, Lambda's quota
const [runtime, opt] = process.argv.slice(2);
const task = process.env.LAMBDA_TASK_ROOT;
const api = "/2018-06-01/runtime";
const [hostname, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(":");
// A connection each: on a kept one the engine's small writes wait 40 ms for our delayed acknowledgement.
const agent = new http.Agent({ keepAlive: false });

class Failure extends Error {
  constructor(kind, message, stack) {
    super(message);
    this.name = kind;
    if (stack) this.stack = stack;
  }
}

function call(method, path, body) {
  return new Promise((resolve, reject) => {
    const headers = body === undefined ? {} : { "Content-Length": Buffer.byteLength(body) };
    const request = http.request({ hostname, port, path, method, headers, agent }, (answer) => {
      const chunks = [];
      answer.on("data", (chunk) => chunks.push(chunk));
      answer.on("end", () => resolve({ status: answer.statusCode, headers: answer.headers, body: Buffer.concat(chunks) }));
    });
    request.on("error", reject);
    request.end(body);
  });
}

const onAws = (text) => {
  const mapped = text.replaceAll(pathToFileURL(task).href, "file:///var/task").replaceAll(task, "/var/task");
  return opt ? mapped.replaceAll(opt, "/opt") : mapped;
};

function described(error) {
  if (!(error instanceof Error)) return { errorType: typeof error, errorMessage: String(error), trace: [] };
  const own = error.stack?.split("\n").filter((line) => !line.includes(import.meta.url)) ?? [];
  return { errorType: error.name, errorMessage: onAws(error.message), trace: own.map(onAws) };
}

async function load(attempt) {
  const [, path, name] = /^(.*?)\.([^/.]+)$/.exec(process.env._HANDLER) ?? [];
  if (!name) throw new Failure("Runtime.MalformedHandlerName", `Bad handler ${process.env._HANDLER}`);
  const file = [".js", ".mjs", ".cjs"].map((end) => `${task}/${path}${end}`).find(existsSync);
  if (!file) throw new Failure("Runtime.ImportModuleError", `Error: Cannot find module '${path}'`);
  let module;
  try {
    module = await import(`${pathToFileURL(file)}${attempt ? `?${attempt}` : ""}`); // a failed import is cached
  } catch (error) {
    if (error instanceof SyntaxError) throw new Failure("Runtime.UserCodeSyntaxError", `SyntaxError: ${error.message}`, error.stack);
    if (!["MODULE_NOT_FOUND", "ERR_MODULE_NOT_FOUND"].includes(error?.code)) throw error;
    // AWS's runtime brings its own SDK; here it has to be installed.
    const hint = error.message.includes("@aws-sdk/") ? " (install it where NODE_PATH points, or bundle it)" : "";
    throw new Failure("Runtime.ImportModuleError", `Error: ${error.message}${hint}`, error.stack);
  }
  const handler = module[name] ?? module.default?.[name];
  if (typeof handler !== "function") {
    throw new Failure("Runtime.HandlerNotFound", `${process.env._HANDLER} is undefined or not exported`);
  }
  return handler;
}

function run(handler, event, context) {
  return new Promise((resolve, reject) => {
    const callback = (error, result) => (error === undefined || error === null ? resolve(result) : reject(error));
    Object.assign(context, { done: callback, succeed: resolve, fail: reject });
    process.removeAllListeners("beforeExit");
    process.once("beforeExit", () => resolve(null)); // neither a promise nor a callback: AWS answers null
    const result = handler(event, context, callback);
    if (typeof result?.then === "function") result.then(resolve, reject);
  });
}

function serialized(result) {
  let text;
  try {
    text = JSON.stringify(result === undefined ? null : result) ?? "null";
  } catch {
    throw new Failure("Runtime.MarshalError", "Unable to stringify response body");
  }
  const size = Buffer.byteLength(text);
  if (size > RESPONSE_LIMIT) {
    const message = `Response payload size (${size} bytes) exceeded maximum allowed payload size (${RESPONSE_LIMIT} bytes).`;
    throw new Failure("Function.ResponseSizeTooLarge", message);
  }
  return text;
}

async function serve(handler, broken) {
  const { status, headers, body } = await call("GET", `${api}/invocation/next`);
  if (status !== 200) process.exit(0); // the engine has ended this environment
  const engineId = headers["lambda-runtime-aws-request-id"];
  let event = JSON.parse(body), requestId = engineId;
  const ours = event?.[INVOCATION];
  if (ours) [event, requestId] = [JSON.parse(ours.payload), ours.requestId];
  const context = {
    awsRequestId: requestId,
    invokedFunctionArn: headers["lambda-runtime-invoked-function-arn"],
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
    getRemainingTimeInMillis: () => Math.max(0, Number(headers["lambda-runtime-deadline-ms"]) - Date.now()),
  };
  let outcome = "response", reply;
  try {
    if (broken) throw broken;
    const text = serialized(await Promise.race([run(handler, event, context), rejected()]));
    reply = ours ? JSON.stringify({ [RESULT]: text }) : text;
  } catch (error) {
    [outcome, reply] = ["error", JSON.stringify(described(error))];
  }
  // A line in the log before the answer spares the engine the 50 ms for which it would wait for one.
  writeSync(1, `END RequestId: ${requestId}\n`);
  await call("POST", `${api}/invocation/${engineId}/${outcome}`, reply);
}

let reject = () => {};
const rejected = () => new Promise((_, refuse) => (reject = refuse));
process.on("unhandledRejection", (reason) => {
  const text = reason instanceof Error ? `${reason.name}: ${reason.message}` : String(reason);
  reject(new Failure("Runtime.UnhandledPromiseRejection", text, reason?.stack));
});

process.env.AWS_EXECUTION_ENV = `AWS_Lambda_${runtime}`;
process.env.AWS_LAMBDA_LOG_GROUP_NAME ??= `/aws/lambda/${process.env.AWS_LAMBDA_FUNCTION_NAME}`;
for (let attempt = 0; ; attempt++) {
  let handler;
  try {
    handler = await load(attempt);
  } catch (error) {
    await serve(undefined, error); // reported to whoever invokes, as AWS does; then loaded anew
    continue;
  }
  for (;;) await serve(handler);
}
