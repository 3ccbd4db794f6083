// Asks the service, and tells what is wrong in its own words.

export class Problem extends Error {
  constructor(status, detail) {
    super(detail);
    this.status = status; // 0: nobody answered
  }
}

const csrf = document.querySelector("meta[name=csrf]")?.content;

/** The answer to a request, as JSON. Throws a Problem. `match` is the ETag of what a person saw. */
export async function call(method, path, body, { match, signal } = {}) {
  const headers = { Accept: "application/json, application/problem+json" };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (csrf && method !== "GET") headers["X-CSRF-Token"] = csrf;
  if (match) headers["If-Match"] = match;
  let answer;
  try {
    answer = await fetch(path, { method, headers, signal, body: body === undefined ? undefined : JSON.stringify(body) });
  } catch (wrong) {
    if (wrong.name === "AbortError") throw wrong;
    throw new Problem(0, "");
  }
  let told = {};
  try {
    if (answer.headers.get("Content-Type")?.includes("json")) told = await answer.json();
  } catch (wrong) {
    if (wrong.name === "AbortError") throw wrong;
    throw new Problem(0, ""); // it broke off
  }
  if (!answer.ok) throw new Problem(answer.status, told.detail || told.title || "");
  return told;
}
