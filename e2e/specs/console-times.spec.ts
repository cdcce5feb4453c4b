/** From a click in the navigation to the screen's content, on a console at work: figures to read, not to hold it to. */

import { expect, test } from "../support/desk";

/** Every screen of the shell. */
const SCREENS = [
  "Overview",
  "Get started",
  "Requests",
  "Usage",
  "Users",
  "Relay keys",
  "Policies",
  "Providers",
  "Models",
  "Webhooks",
  "Members",
  "Audit",
  "Settings",
];
const ROUNDS = 5;

/** The middle one, or the mean of the two in the middle. */
function median(numbers: number[]): number {
  const sorted = [...numbers].sort((one, next) => one - next);
  const half = sorted.length / 2;
  return (sorted[Math.ceil(half) - 1]! + sorted[Math.floor(half)]!) / 2;
}

test("going from screen to screen loads no page, and so long it takes", async ({ owner: page, desk }) => {
  test.setTimeout(180_000);
  await page.goto(`${desk.relay.url}/console`);
  await expect(page.getByRole("navigation", { name: "Main" })).toBeVisible();

  /** Clicks, and waits for the heading, and then until nothing stands in for content. */
  const go = async (screen: string) =>
    await page.evaluate(async (name) => {
      const link = [...document.querySelectorAll<HTMLAnchorElement>("nav a")].find((one) => one.textContent?.trim() === name)!;
      const frame = () => new Promise((next) => requestAnimationFrame(next));
      const begun = performance.now();
      link.click();
      while (document.querySelector("main h1")?.textContent !== name) {
        await frame();
      }
      const heading = performance.now() - begun;
      while (document.querySelector("main .skeleton, main .chart-wait")) {
        await frame();
      }
      return { heading, content: performance.now() - begun };
    }, screen);

  // Once around to have everything warm, as it is for someone at work.
  for (const screen of SCREENS) {
    await go(screen);
  }
  const took = new Map(SCREENS.map((screen) => [screen, [] as Array<{ heading: number; content: number }>]));
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const screen of SCREENS) {
      took.get(screen)!.push(await go(screen));
    }
  }
  const rows = [...took].map(([screen, times]) => [
    screen.padEnd(12),
    median(times.map((time) => time.heading)).toFixed(0).padStart(7),
    median(times.map((time) => time.content)).toFixed(0).padStart(7),
    Math.max(...times.map((time) => time.content)).toFixed(0).padStart(7),
  ]);
  console.log(
    [`From click to screen over loopback, ms, medians of ${ROUNDS}`, "screen       heading content   worst", ...rows.map((row) => row.join(" "))].join("\n"),
  );

  // How quick depends on the machine; that every screen came, and that nothing waited for a page load, does not.
  expect([...took.values()].every((times) => times.length === ROUNDS)).toBe(true);
  expect(await page.evaluate(() => performance.getEntriesByType("navigation").length)).toBe(1);
});
