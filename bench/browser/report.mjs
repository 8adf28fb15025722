// Figures of rounds, as the load programs print and write them.

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** With fewer it is a quick look, which judges no budget. */
const USUAL_ROUNDS = 5;

const median = (values) => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};

export class Report {
  figures = new Map();

  constructor(bar, rounds) {
    this.bar = bar;
    this.rounds = rounds;
    console.log(`\n== ${bar}, ${rounds === 1 ? 'one round' : `${rounds} rounds`}`);
  }

  /** A round's figure. `budget` is what it should be: `{ at_most: 300 }`, `{ at_least: 95 }`, or nothing. */
  add(what, value, budget) {
    const figure = this.figures.get(what) ?? { what, budget, rounds: [] };
    figure.rounds.push(value);
    this.figures.set(what, figure);
  }

  /** Prints it and writes it down; with what the program ends: 0 when every budget is met, 1 when one is not, 3 after a quick look. */
  async finish(notes) {
    const shortened = this.rounds < USUAL_ROUNDS ? [`${this.rounds} rounds`] : [];
    const judged = [...this.figures.values()].map(({ what, budget, rounds }) => {
      const middle = median(rounds);
      const isJudged = budget && !shortened.length;
      const isMet = () => (budget.at_most === undefined ? middle >= budget.at_least : middle <= budget.at_most);
      return { what, median: middle, min: Math.min(...rounds), max: Math.max(...rounds), budget: budget ?? null, met: isJudged ? isMet() : null };
    });
    console.log(`\n${'figure'.padEnd(54)}${['median', 'min', 'max'].map((name) => name.padStart(10)).join('')}  budget`);
    for (const { what, median: middle, min, max, budget, met } of judged) {
      const bound = budget && (budget.at_most === undefined ? `>= ${budget.at_least}` : `<= ${budget.at_most}`);
      const judgement = met === null ? `NOT JUDGED (${shortened})` : met ? 'MET' : 'MISSED';
      const verdict = budget ? `${bound}  ${judgement}` : '-';
      console.log(`${what.padEnd(54)}${[middle, min, max].map((value) => value.toFixed(1).padStart(10)).join('')}  ${verdict}`);
    }
    for (const note of notes) console.log(`note: ${note}`);
    await mkdir(process.env.MOIM_BENCH_RESULTS, { recursive: true });
    const path = join(process.env.MOIM_BENCH_RESULTS, `${this.bar}.json`);
    await writeFile(path, JSON.stringify({ bar: this.bar, program: process.env.MOIM_BENCH_PROGRAM, rounds: this.rounds, shortened, judged, notes }, null, 2));
    if (shortened.length) return 3;
    return judged.some(({ met }) => met === false) ? 1 : 0;
  }
}
