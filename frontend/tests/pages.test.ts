/** The built pages: small enough for a cheap phone, nothing inline, nothing from elsewhere, numbers without script. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";

const ROOT = resolve(import.meta.dirname, "..");
const DIST = resolve(ROOT, "dist");
const KIB = 1024;
const zipped = (file: string) => gzipSync(readFileSync(file), { level: 9 }).length;
const local = (address: string) => resolve(DIST, address.replace(/^\/static\//, ""));

/** Files a page loads before anything is tapped. */
function loads(page: string, kind: "js" | "css"): string[] {
  const html = readFileSync(resolve(DIST, `${page}.html`), "utf8");
  return [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map((match) => match[1]!).filter((address) => address.endsWith(`.${kind}`));
}

it("gives the four numbers without any script", () => {
  const html = readFileSync(resolve(ROOT, "visitor.html"), "utf8");
  const without = html.slice(html.indexOf("<noscript>"), html.indexOf("</noscript>"));
  for (const number of ["12356", "120", "110", "12351"]) expect(without).toContain(`href="tel:${number}"`);
});

it("has a title that gives nothing away", () => {
  expect(readFileSync(resolve(ROOT, "visitor.html"), "utf8")).toContain("<title>职工服务</title>");
});

/** Calls are fetched only where somebody wants to talk. */
const isCall = (file: string) => /\/(?:Voice|call-microphone)-/.test(file);

/** Everything a script reaches, calls apart: what it imports, and what it fetches later with its styles. */
function reached(file: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file) || (isCall(file) && seen.size > 0)) return seen;
  seen.add(file);
  if (!file.endsWith(".js")) return seen;
  for (const match of readFileSync(file, "utf8").matchAll(/["'`](?:\.\/|assets\/)([\w.-]+\.(?:js|css))["'`]/g)) {
    reached(resolve(DIST, "assets", match[1]!), seen);
  }
  return seen;
}

describe.skipIf(!existsSync(resolve(DIST, "visitor.html")))("once built", () => {
  const sum = (files: Iterable<string>, kind: string) =>
    [...files].filter((file) => file.endsWith(kind)).reduce((total, file) => total + zipped(file), 0);

  it("loads at most 40 KiB of script and 6 KiB of style for the visitor's first screen, 72 + 8 in all, and 16 + 2 more for a call", () => {
    const first = [...loads("visitor", "js"), ...loads("visitor", "css")].map(local);
    console.info(`visitor: ${sum(first, ".js")} B script, ${sum(first, ".css")} B style at first`);
    expect(sum(first, ".js")).toBeLessThan(40 * KIB);
    expect(sum(first, ".css")).toBeLessThan(6 * KIB);
    const all = new Set([...first, ...first.flatMap((file) => [...reached(file)])]);
    expect([...all].some((file) => file.includes("/rooms-"))).toBe(true);
    expect(sum(all, ".js")).toBeLessThan(72 * KIB);
    expect(sum(all, ".css")).toBeLessThan(8 * KIB);
    const call = readdirSync(resolve(DIST, "assets")).map((name) => resolve(DIST, "assets", name)).filter(isCall);
    const more = [...new Set(call.flatMap((file) => [...reached(file)]))].filter((file) => !all.has(file));
    expect(more.some((file) => file.endsWith(".js"))).toBe(true);
    expect(sum(more, ".js")).toBeLessThan(16 * KIB);
    expect(sum(more, ".css")).toBeLessThan(2 * KIB);
  });

  it.each(["visitor", "console", "wallboard", "partner", "kept", "records", "review"].filter((page) => existsSync(resolve(DIST, `${page}.html`))))("writes nothing inline and names no other host in %s.html, links of the quick exit apart", (page) => {
    const html = readFileSync(resolve(DIST, `${page}.html`), "utf8").replace(/data-leave-to="[^"]*"/, "");
    expect(html).not.toMatch(/<style|style="|<script(?![^>]* src=)|\son\w+=|https?:\/\//);
    for (const match of html.matchAll(/(?:src|href)="([^"]+)"/g)) expect(match[1]).toMatch(/^(\/static\/|tel:)/);
  });
});
