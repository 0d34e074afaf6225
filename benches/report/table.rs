//! The one table: what was measured, beside its floor, and what is wanted.

use std::fmt;

use crate::programs::memory;

/// What is wanted of a row.
#[derive(Clone, Copy, Debug)]
pub enum Wanted {
    /// The ratio, or the figure where there is no floor, is at least this.
    AtLeast(f64),
    /// It is at most this.
    AtMost(f64),
    /// It is shown only.
    Shown,
}

/// Figures of one side, one a round.
#[derive(Clone, Debug, Default)]
pub struct Figures(pub Vec<f64>);

impl Figures {
    /// The middle one.
    pub fn median(&self) -> f64 {
        let mut all = self.0.clone();
        all.sort_by(f64::total_cmp);
        match all.len() {
            0 => f64::NAN,
            len if len % 2 == 1 => all[len / 2],
            len => f64::midpoint(all[len / 2 - 1], all[len / 2]),
        }
    }

    /// The largest by the smallest.
    pub fn spread(&self) -> f64 {
        let most = self.0.iter().copied().fold(f64::MIN, f64::max);
        let least = self.0.iter().copied().fold(f64::MAX, f64::min);
        most / least
    }
}

/// A line of the table.
#[derive(Clone, Debug)]
pub struct Row {
    /// What was measured, with its size.
    pub measure: String,
    /// What the figures count: `/s`, `ms`, `MiB`.
    pub unit: &'static str,
    /// Ours.
    pub ours: Figures,
    /// The floor's name and figures.
    pub floor: Option<(String, Figures)>,
    /// What is wanted of ours by floor.
    pub wanted: Wanted,
}

/// A floor whose figures lie farther apart than this says nothing.
const STEADY: f64 = 2.0;

impl Row {
    /// Ours by the floor; ours itself where there is none.
    fn judged(&self) -> f64 {
        match &self.floor {
            Some((_, floor)) => self.ours.median() / floor.median(),
            None => self.ours.median(),
        }
    }

    fn verdict(&self) -> &'static str {
        let is_steady = self.floor.as_ref().is_none_or(|(_, floor)| floor.spread() <= STEADY);
        let holds = match self.wanted {
            Wanted::Shown => return "shown",
            _ if !is_steady => return "not judged",
            Wanted::AtLeast(least) => self.judged() >= least,
            Wanted::AtMost(most) => self.judged() <= most,
        };
        if holds { "yes" } else { "NO" }
    }
}

impl fmt::Display for Row {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = self.unit;
        let (ours, spread) = (figure(self.ours.median()), self.ours.spread());
        write!(out, "| {} | {ours} {unit} (×{spread:.2}) |", self.measure)?;
        match &self.floor {
            Some((name, floor)) => {
                let (middle, spread) = (figure(floor.median()), floor.spread());
                write!(out, " {name}: {middle} {unit} (×{spread:.2}) |")?;
                write!(out, " {:.2} |", self.judged())?;
            }
            None => write!(out, " — | — |")?,
        }
        match self.wanted {
            Wanted::AtLeast(least) => write!(out, " ≥ {least}")?,
            Wanted::AtMost(most) => write!(out, " ≤ {most}")?,
            Wanted::Shown => write!(out, " —")?,
        }
        write!(out, " | {} |", self.verdict())
    }
}

impl Table {
    /// Notes the most memory that a process had so far.
    pub fn peak(&mut self, what: &str, pid: u32) {
        let peak = memory(pid, "VmHWM:").unwrap_or(f64::NAN);
        self.note(format!("{what}: peak memory of the process so far {peak:.0} MiB"));
    }
}

/// Three digits that say something.
fn figure(value: f64) -> String {
    match value.abs() {
        size if size >= 1_000.0 => format!("{value:.0}"),
        size if size >= 10.0 => format!("{value:.1}"),
        _ => format!("{value:.3}"),
    }
}

/// All rows, and what was not measured.
#[derive(Debug, Default)]
pub struct Table {
    /// The lines.
    pub rows: Vec<Row>,
    /// Why a group has no lines, with the command that mends it.
    pub errors: Vec<String>,
    /// What goes without saying beside a table: settings read back, versions.
    pub notes: Vec<String>,
}

impl Table {
    /// Adds a line, and shows it at once.
    pub fn add(&mut self, row: Row) {
        eprintln!("{row}");
        self.rows.push(row);
    }

    /// Adds a remark, once.
    pub fn note(&mut self, note: String) {
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }
}

impl fmt::Display for Table {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            out,
            "| measure | ours (max/min) | floor, same run (max/min) | ratio | wanted | holds |"
        )?;
        writeln!(out, "|---|---|---|---|---|---|")?;
        for row in &self.rows {
            writeln!(out, "{row}")?;
        }
        writeln!(out)?;
        for note in &self.notes {
            writeln!(out, "- {note}")?;
        }
        for error in &self.errors {
            writeln!(out, "- ERROR: {error}")?;
        }
        Ok(())
    }
}

/// Both sides in turn, `rounds` times; one round before them warms up and is not counted. What
/// fails on either side fails the measure.
pub fn alternate(
    rounds: usize,
    mut ours: impl FnMut() -> Result<f64, String>,
    mut floor: impl FnMut() -> Result<f64, String>,
) -> Result<(Figures, Figures), String> {
    let (mut one, mut other) = (Figures::default(), Figures::default());
    for round in 0..=rounds {
        // Who comes first changes, so that neither side always finds warm what the other left.
        let (first, second) = if round % 2 == 0 {
            let first = ours()?;
            (first, floor()?)
        } else {
            let second = floor()?;
            (ours()?, second)
        };
        if round > 0 {
            one.0.push(first);
            other.0.push(second);
        }
    }
    Ok((one, other))
}
