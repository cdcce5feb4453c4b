/** Whether a screen can be used by everyone, as far as a program can tell. */

import AxeBuilder from "@axe-core/playwright";
import { type Page, expect } from "@playwright/test";

import { SCREENSHOTS } from "./environment";

const PHONE = { width: 375, height: 800 };

/** Where nothing is folded away. */
export const WIDE = { width: 1280, height: 800 };

/**
 * WCAG 2.2 AA in both themes, no wider than a phone, and pictures to look at. What is open in the
 * navigation closes where that folds: it is looked at `WIDE` only.
 */
export async function expectAccessible(page: Page, name: string, sizes = [PHONE, WIDE]): Promise<void> {
  const before = page.viewportSize();
  for (const theme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme: theme, reducedMotion: "reduce" });
    for (const size of sizes) {
      await page.setViewportSize(size);
      await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      expect(overflow, `${name} is no wider than ${size.width}`).toBeLessThanOrEqual(0);
      await page.screenshot({ path: `${SCREENSHOTS}/${name}-${theme}-${size.width}.png`, fullPage: true });
    }
    // What is asked does not depend on the width; the wide one shows everything at once.
    const { violations } = await new AxeBuilder({ page })
      .withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"])
      .analyze();
    const found = violations.flatMap((rule) => rule.nodes.map((node) => `${rule.id}: ${node.target.join(" ")}\n${node.failureSummary}`));
    expect(found, `${name}, ${theme}`).toEqual([]);
  }
  if (before) {
    await page.setViewportSize(before);
  }
}
