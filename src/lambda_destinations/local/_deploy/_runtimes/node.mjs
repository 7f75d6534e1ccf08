// Runs a Node handler behind the Lambda Runtime API, with results and errors as AWS's own runtime client makes them.
//
// The engine starts it as the bootstrap of a custom runtime, because the engine's own Node runtime loses the details
// of errors. Arguments: the declared runtime, the folder in place of /opt, and the exit status that asks for a new
// process. Up to nodejs22.x it answers like aws-lambda-ric 3, from nodejs24.x on like aws-lambda-ric 4.

import { writeSync } from "node:fs";
import http from "node:http";
import { pathToFileURL } from "node:url";
import { describedSince24, describedUpTo22, Failure } from "./node_errors.mjs";
import { load } from "./node_load.mjs";
import { ResponseStream } from "./node_stream.mjs";

const INVOCATION = "lambda-destinations:invocation", RESULT = "lambda-destinations:result";
const RESPONSE_LIMIT = 6291556; // bytes of a response, Lambda's quota
const [runtime, opt, again] = process.argv.slice(2);
const task = process.env.LAMBDA_TASK_ROOT;
const api = "/2018-06-01/runtime";
const [hostname, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(":");
const callbacks = Number.parseInt(runtime.slice("nodejs".length), 10) < 24;
// A new connection for each call: on a kept one the engine's small writes wait 40 ms for our delayed acknowledgement.
const agent = new http.Agent({ keepAlive: false });
const current = { requestId: "", fail: undefined, onEmptyLoop: undefined, broken: undefined };

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

function log(text) {
  try {
    writeSync(1, text);
  } catch {
    // A handler may have closed standard output.
  }
}

const onAws = (text) => {
  if (typeof text !== "string") return text;
  const mapped = text.replaceAll(pathToFileURL(task).href, "file:///var/task").replaceAll(task, "/var/task");
  const ours = new URL("./node_load.mjs", import.meta.url).pathname;
  return (opt ? mapped.replaceAll(opt, "/opt") : mapped).replaceAll(ours, "/var/runtime/index.mjs");
};

function described(error) {
  const document = (callbacks ? describedUpTo22 : describedSince24)(error);
  const folder = new URL(".", import.meta.url).href;
  const trace = document.trace?.filter((line) => !line.includes(folder)).map(onAws);
  return { ...document, errorMessage: onAws(document.errorMessage), ...(trace && { trace }) };
}

function serialized(result) {
  try {
    return JSON.stringify(result === undefined ? null : result) ?? "null";
  } catch {
    const message = "Unable to stringify response body";
    throw callbacks ? new Error(message) : new Failure("Runtime.JSONStringifyError", message);
  }
}

// How aws-lambda-ric 3 runs a handler: a callback waits for the event loop to empty, a promise does not.
function runWithCallbacks(user, event, context, finish) {
  let waits = true, done = false;
  const once = (report) => (...given) => done || (report(...given), (done = true)); // not done if it throws
  const end = (error, result) => {
    current.onEmptyLoop = undefined;
    if (error !== undefined && error !== null) finish.error(error);
    else finish.result(serialized(result));
  };
  const callback = once((error, result) => {
    const failed = error !== undefined && error !== null;
    if (failed || !waits) end(error, result);
    else current.onEmptyLoop = () => setImmediate(end, null, result);
  });
  const given = {
    get callbackWaitsForEmptyEventLoop() { return waits; },
    set callbackWaitsForEmptyEventLoop(value) { waits = value; },
    succeed: once((result) => end(null, result)),
    fail: once((error) => end(error ?? "handled")),
    done: once(end),
  };
  Object.defineProperties(given, Object.getOwnPropertyDescriptors(context));
  current.onEmptyLoop = () => end(null, null); // neither a promise nor a callback
  try {
    const result = user.handler(event, given, callback);
    if (result && typeof result.then === "function") result.then(given.succeed, given.fail).catch(given.fail);
  } catch (error) {
    callback(error);
  }
}

async function runAsync(user, event, context, finish) {
  try {
    finish.result(serialized(await user.handler(event, context)));
  } catch (error) {
    finish.error(error);
  }
}

async function runStreaming(user, event, context, finish) {
  const stream = new ResponseStream();
  try {
    const result = user.handler(event, stream, context);
    if (typeof result?.then !== "function") {
      const message = "Streaming does not support non-async handlers.";
      throw callbacks ? message : new Error(message);
    }
    if ((await result) !== undefined) console.warn("Streaming handlers ignore return values.");
    const open = setInterval(() => {}, 60_000); // AWS's connection keeps the event loop busy until it ends
    await stream.sent;
    clearInterval(open);
    finish.result(stream.text());
  } catch (error) {
    if (!stream.writableEnded) finish.error(error);
    else stream.sent.then(() => finish.result(stream.text())); // it was answered before it failed
  }
}

async function serve(user) {
  const { status, headers, body } = await call("GET", `${api}/invocation/next`);
  if (status !== 200) process.exit(0); // the engine has ended this environment
  const engineId = headers["lambda-runtime-aws-request-id"];
  let event = JSON.parse(body), requestId = engineId;
  const ours = event?.[INVOCATION];
  if (ours) [event, requestId] = [JSON.parse(ours.payload), ours.requestId];
  if (ours) process.env._X_AMZN_TRACE_ID = ours.trace; // the SDK sends it with each call, so that we know its caller
  current.requestId = requestId;
  const deadline = Number(headers["lambda-runtime-deadline-ms"]);
  const context = {
    functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
    clientContext: undefined,
    identity: undefined,
    invokedFunctionArn: headers["lambda-runtime-invoked-function-arn"],
    awsRequestId: requestId,
    tenantId: undefined,
    getRemainingTimeInMillis: () => deadline - Date.now(),
  };
  const [outcome, reply] = await new Promise((resolve) => {
    const finish = {
      result: (text) => resolve(["response", text]),
      error: (error) => resolve(["error", failed("Invoke Error", error)]),
    };
    current.fail = finish.error;
    if (current.broken) finish.error(current.broken.error); // as on AWS, each invocation gets this error
    else (user.streaming ? runStreaming : callbacks ? runWithCallbacks : runAsync)(user, event, context, finish);
  });
  [current.fail, current.onEmptyLoop] = [undefined, undefined];
  const size = Buffer.byteLength(reply);
  const fits = outcome === "error" || size <= RESPONSE_LIMIT;
  await answer(engineId, ours, fits ? outcome : "error", fits ? reply : JSON.stringify(tooLarge(size)));
}

function failed(what, error) {
  try {
    if (!(error instanceof Error)) callbacks ? new Error(error) : String(error); // as AWS does, for its log
  } catch (unprintable) {
    if (callbacks) return failed(what, unprintable);
    throw unprintable; // which ends the process
  }
  const text = JSON.stringify(described(error));
  log(`ERROR\t${what}\t${text}\n`);
  return text;
}

const tooLarge = (size) => ({
  errorType: "Function.ResponseSizeTooLarge",
  errorMessage: `Response payload size (${size} bytes) exceeded maximum allowed payload size (${RESPONSE_LIMIT} bytes).`,
});

async function answer(engineId, ours, outcome, text) {
  // The engine waits 50 ms for a line in the log, unless there is one before the answer.
  log(`\nEND RequestId: ${current.requestId}\n`);
  const body = ours ? JSON.stringify({ [RESULT]: text }) : text;
  const { status } = await call("POST", `${api}/invocation/${engineId}/${outcome}`, body);
  if (status !== 202) process.exit(1);
}

async function main() {
  // An uncaught error ends the process. In aws-lambda-ric 3 it is first reported as the error of the invocation.
  const stray = (error) => {
    current.broken ??= { error };
    current.fail?.(error);
  };
  if (callbacks) {
    process.on("uncaughtException", stray);
    process.on("unhandledRejection", (reason) => stray(new Failure("Runtime.UnhandledPromiseRejection", reason)));
    process.on("beforeExit", () => current.onEmptyLoop?.());
  }
  let user;
  try {
    user = await load(task, process.env._HANDLER, { callbacks });
  } catch (error) {
    current.broken = { error };
  }
  do await serve(user);
  while (!current.broken);
  process.exit(Number(again));
}

main();
