// Addresses of views: `#/name/part?key=value`.

/** Reads an address; the list of traces is what an empty one shows. */
export function parse(hash = location.hash) {
  const [path, ...rest] = hash.replace(/^#\/?/, "").split("?");
  const [name, ...parts] = path.split("/").map(decoded);
  return { name: name || "traces", parts, query: new URLSearchParams(rest.join("?")) };
}

/** Decodes a part of an address; what is not encoded stays as it is. */
export function decoded(text) {
  try { return decodeURIComponent(text); } catch { return text; }
}

/** Writes parameters behind a question mark; those that are empty are left out. */
export function written(params) {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(params)) if (value !== undefined && value !== null && value !== "") query.set(key, value);
  return query.size ? `?${query}` : "";
}

/** Writes an address. */
export const address = (name, parts = [], params = {}) => `#/${[name, ...parts].map(encodeURIComponent).join("/")}${written(params)}`;

export function go(hash) { location.hash = hash; }

/** Changes parameters of the present address; `replaces` leaves no entry in the history and does not redraw. */
export function change(params, replaces = false) {
  const { name, parts, query } = parse();
  const hash = address(name, parts, { ...Object.fromEntries(query), ...params });
  if (replaces) history.replaceState(null, "", hash);
  else location.hash = hash;
}

/** Makes two times in seconds the range of the address. */
export const select = (from, to) => change({ from: BigInt(Math.floor(from * 1e6)) * 1000n, to: BigInt(Math.ceil(to * 1e6)) * 1000n });

/** The time range of an address, for links that keep it. */
export function range(query = parse().query) {
  return { from: query.get("from") ?? "", to: query.get("to") ?? "" };
}
