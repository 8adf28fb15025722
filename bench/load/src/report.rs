//! What a bar prints and writes down: figures of each round, and ratios of figures of the same round against their budgets.

use crate::fail::{Fail, Outcome};
use crate::settings;
use crate::stats::{ends, median};
use serde::Serialize;
use std::fmt;

/// What a ratio or a figure should be.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Budget {
    AtLeast(f64),
    AtMost(f64),
}

impl Budget {
    fn is_met(self, value: f64) -> bool {
        match self {
            Self::AtLeast(bound) => value >= bound,
            Self::AtMost(bound) => value <= bound,
        }
    }
}

impl fmt::Display for Budget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AtLeast(bound) => write!(f, ">= {bound}"),
            Self::AtMost(bound) => write!(f, "<= {bound}"),
        }
    }
}

/// A figure of one of those that are compared, one value for each round.
#[derive(Serialize)]
struct Figure {
    metric: String,
    target: String,
    rounds: Vec<f64>,
}

#[derive(Serialize)]
struct Judged {
    what: String,
    median: f64,
    min: f64,
    max: f64,
    budget: Option<Budget>,
    met: Option<bool>,
}

/// What the budgets of a bar come to, from best to worst.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// Every one is met.
    Met,
    /// It was a quick look, which says nothing of budgets.
    NotJudged,
    /// One is missed.
    Missed,
}

impl Verdict {
    /// With what the program ends. 2 is for what could not be measured.
    pub const fn code(self) -> u8 {
        match self {
            Self::Met => 0,
            Self::Missed => 1,
            Self::NotJudged => 3,
        }
    }
}

/// Collects a bar's figures.
#[derive(Serialize)]
pub struct Report {
    bar: &'static str,
    /// Which program was measured: the beginning of its SHA-256.
    program: String,
    rounds: usize,
    /// What is less than a measurement has. With anything here it was a quick look, and no budget is judged.
    shortened: Vec<String>,
    figures: Vec<Figure>,
    judged: Vec<Judged>,
    notes: Vec<String>,
}

impl Report {
    /// Of a bar that measures again and again.
    pub fn new(bar: &'static str, rounds: usize) -> Self {
        let mut report = Self::begun(bar, rounds);
        report.usually("rounds", rounds as u64, settings::ROUNDS);
        report
    }

    /// Of a bar that has one round always.
    pub fn once(bar: &'static str) -> Self {
        Self::begun(bar, 1)
    }

    fn begun(bar: &'static str, rounds: usize) -> Self {
        println!("\n== {bar}, {}", if rounds == 1 { "one round".to_owned() } else { format!("{rounds} rounds") });
        let program = std::env::var("MOIM_BENCH_PROGRAM").unwrap_or_default();
        Self { bar, program, rounds, shortened: Vec::new(), figures: Vec::new(), judged: Vec::new(), notes: Vec::new() }
    }

    /// How much there is of something, and how much a measurement has of it.
    pub fn usually(&mut self, what: &str, is: u64, usual: u64) {
        if is < usual {
            self.shortened.push(format!("{is} {what}"));
        }
    }

    /// A round's figure.
    pub fn add(&mut self, metric: &str, target: &str, value: f64) {
        match self.figures.iter_mut().find(|figure| figure.metric == metric && figure.target == target) {
            Some(figure) => figure.rounds.push(value),
            None => self.figures.push(Figure { metric: metric.to_owned(), target: target.to_owned(), rounds: vec![value] }),
        }
    }

    /// How a figure of one stands to that of another in the same round.
    pub fn ratio(&mut self, metric: &str, of: &str, to: &str, budget: Option<Budget>) -> Outcome<()> {
        let ratios: Vec<f64> = self.rounds_of(metric, of)?.iter().zip(self.rounds_of(metric, to)?).map(|(a, b)| a / b).collect();
        self.judge(format!("{metric}: {of} / {to}"), &ratios, budget);
        Ok(())
    }

    /// A figure that is judged as it stands.
    pub fn figure(&mut self, metric: &str, target: &str, budget: Budget) -> Outcome<()> {
        let values = self.rounds_of(metric, target)?.to_vec();
        self.judge(format!("{metric}: {target}"), &values, Some(budget));
        Ok(())
    }

    /// Something to know about the figures.
    pub fn note(&mut self, note: impl Into<String>) {
        self.notes.push(note.into());
    }

    fn rounds_of(&self, metric: &str, target: &str) -> Outcome<&[f64]> {
        let figure = self.figures.iter().find(|figure| figure.metric == metric && figure.target == target);
        figure.map(|figure| figure.rounds.as_slice()).ok_or_else(|| Fail(format!("nothing was measured of {metric} of {target}")))
    }

    fn judge(&mut self, what: String, values: &[f64], budget: Option<Budget>) {
        let (median, (min, max)) = (median(values), ends(values));
        self.judged.push(Judged { what, median, min, max, budget, met: budget.map(|budget| budget.is_met(median)) });
    }

    /// Prints it and writes it to `bench/results`.
    pub fn finish(mut self) -> Outcome<Verdict> {
        let quick = self.shortened.join(", ");
        if !quick.is_empty() {
            self.judged.iter_mut().for_each(|judged| judged.met = None);
        }
        println!("\n{:<46} {:>12} {:>12} {:>12}", "figure", "median", "min", "max");
        for Figure { metric, target, rounds } in &self.figures {
            let (min, max) = ends(rounds);
            println!("{:<46} {:>12} {:>12} {:>12}", format!("{metric}: {target}"), short(median(rounds)), short(min), short(max));
        }
        println!("\n{:<46} {:>12} {:>12} {:>12}  budget", "ratio within a round, or figure", "median", "min", "max");
        for Judged { what, median, min, max, budget, met } in &self.judged {
            let verdict = match (budget, met) {
                (Some(budget), Some(true)) => format!("{budget}  MET"),
                (Some(budget), Some(false)) => format!("{budget}  MISSED"),
                (Some(budget), None) => format!("{budget}  NOT JUDGED ({quick})"),
                (None, _) => "-".to_owned(),
            };
            println!("{what:<46} {:>12} {:>12} {:>12}  {verdict}", short(*median), short(*min), short(*max));
        }
        self.notes.iter().for_each(|note| println!("note: {note}"));
        let results = settings::required("MOIM_BENCH_RESULTS")?;
        let path = std::path::Path::new(&results).join(format!("{}.json", self.bar));
        std::fs::create_dir_all(&results)?;
        std::fs::write(path, serde_json::to_string_pretty(&self)?)?;
        Ok(match self.judged.iter().any(|judged| judged.met == Some(false)) {
            true => Verdict::Missed,
            false if quick.is_empty() => Verdict::Met,
            false => Verdict::NotJudged,
        })
    }
}

fn short(value: f64) -> String {
    match value.abs() {
        size if size >= 100.0 => format!("{value:.0}"),
        size if size >= 10.0 => format!("{value:.1}"),
        size if size >= 0.1 || size == 0.0 => format!("{value:.2}"),
        _ => format!("{value:.4}"),
    }
}
