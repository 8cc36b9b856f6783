/** The built pages: small enough for a cheap phone, nothing inline, nothing from elsewhere, numbers without script. */
import { existsSync, readFileSync, readdirSync } from "node:fs";
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

describe.skipIf(!existsSync(resolve(DIST, "visitor.html")))("once built", () => {
  it("loads at most 40 KiB of script and 6 KiB of style for the visitor's first screen, and 60 + 8 in all", () => {
    const js = loads("visitor", "js").map(local);
    const css = loads("visitor", "css").map(local);
    const sum = (files: string[]) => files.reduce((total, file) => total + zipped(file), 0);
    expect(sum(js)).toBeLessThan(40 * KIB);
    expect(sum(css)).toBeLessThan(6 * KIB);
    const later = readdirSync(resolve(DIST, "assets")).filter((name) => name.startsWith("rooms-"));
    expect(later.length).toBeGreaterThan(0);
    const files = later.map((name) => resolve(DIST, "assets", name));
    expect(sum([...js, ...files.filter((file) => file.endsWith(".js"))])).toBeLessThan(60 * KIB);
    expect(sum([...css, ...files.filter((file) => file.endsWith(".css"))])).toBeLessThan(8 * KIB);
  });

  it.each(["visitor", "console", "wallboard"].filter((page) => existsSync(resolve(DIST, `${page}.html`))))("writes nothing inline and names no other host in %s.html, links of the quick exit apart", (page) => {
    const html = readFileSync(resolve(DIST, `${page}.html`), "utf8").replace(/data-leave-to="[^"]*"/, "");
    expect(html).not.toMatch(/<style|style="|<script(?![^>]* src=)|\son\w+=|https?:\/\//);
    for (const match of html.matchAll(/(?:src|href)="([^"]+)"/g)) expect(match[1]).toMatch(/^(\/static\/|tel:)/);
  });
});
