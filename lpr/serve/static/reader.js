// Readings of the service that this page came from.

export class TokenError extends Error {}

let token = sessionStorage.getItem("token") ?? "";

export function setToken(text) {
  token = text;
  sessionStorage.setItem("token", text);
}

function headers() {
  return token ? { Authorization: `Bearer ${token}` } : {};
}

const pause = (seconds) => new Promise((done) => setTimeout(done, 1000 * seconds));

// The record of one photo: {plates: [...]}. Waits where the service is full, and asks again.
export async function read(file) {
  for (;;) {
    let answer;
    try {
      answer = await fetch("v1/read", { method: "POST", body: file, headers: headers() });
    } catch {
      throw new Error("The service does not answer. Is it running?");
    }
    if (answer.status === 503) {
      await pause(Number(answer.headers.get("Retry-After")) || 1);
      continue;
    }
    const value = await answer.json().catch(() => ({}));
    if (answer.status === 401) throw new TokenError(value.error);
    if (!answer.ok) throw new Error(value.error ?? `The service answers ${answer.status}.`);
    return value;
  }
}

// Shows one line about the models.
export async function about(show) {
  try {
    const answer = await fetch("v1/model", { headers: headers() });
    const models = answer.ok ? `Models ${(await answer.json()).version}. ` : "";
    show(`${models}Photos are read by the service and kept nowhere.`);
  } catch {
    show("The service does not answer.");
  }
}
