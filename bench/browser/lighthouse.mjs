// Lighthouse as it looks at phones, on the pages for everybody.

import lighthouse from 'lighthouse';

const CATEGORIES = { performance: 95, accessibility: 100, 'best-practices': 100, seo: 100 };

export async function look(port, world, pages, report) {
  for (const [name, path, token, unlisted] of pages) {
    if (token) continue;
    const outcome = await lighthouse(world.url + path, {
      port,
      output: 'json',
      logLevel: 'error',
      onlyCategories: Object.keys(CATEGORIES),
      // Some pages ask search engines to pass them by.
      skipAudits: unlisted ? ['is-crawlable'] : null,
    });
    const found = outcome?.lhr;
    if (!found || found.runtimeError) throw new Error(`Lighthouse failed on ${name}: ${found?.runtimeError?.message}`);
    for (const [category, budget] of Object.entries(CATEGORIES)) {
      const { score, auditRefs } = found.categories[category];
      report.add(`Lighthouse ${category}: ${name}`, (score ?? 0) * 100, { at_least: budget });
      if ((score ?? 0) * 100 >= budget) continue;
      const short = auditRefs.filter(({ id, weight }) => weight > 0 && (found.audits[id].score ?? 1) < 0.9);
      console.log(`  ${name}, ${category}: ${short.map(({ id }) => `${id} ${found.audits[id].displayValue ?? ''}`.trim()).join(', ')}`);
    }
  }
}
