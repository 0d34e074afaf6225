//! Bytes that nobody sends, into everything that reads: what is refused is refused in time and
//! without a panic, and what is accepted is written again as it was read.
//!
//! Real samples are changed a little, thousands of times. A case that fails is printed whole.

mod files;
mod requests;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use super::crowd::number;

/// What a reader made of bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Read {
    Refused,
    /// Accepted; the reader's test has asserted what it owes to what it accepts.
    Accepted,
}

/// What a reader makes of bytes.
type Try = Box<dyn Fn(&[u8]) -> Read>;

/// Something that reads, with samples of what it accepts.
pub struct Reader {
    name: &'static str,
    samples: Vec<Vec<u8>>,
    read: Try,
    /// The longest that a single case may take.
    most: Duration,
}

/// Numbers for changes: fast, and the same for the same seed (SplitMix64).
pub struct Random(u64);

impl Random {
    pub fn of(name: &str, seed: u64) -> Self {
        Self(name.bytes().fold(seed, |seed, byte| seed.wrapping_mul(31) ^ u64::from(byte)))
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end.max(1) as u64).unwrap()
    }

    fn pick<'a, T: ?Sized>(&mut self, all: &[&'a T]) -> &'a T {
        all[self.below(all.len())]
    }
}

/// What readers stumble over.
const PIECES: [&[u8]; 34] = [
    b"\0",
    b"\xff",
    b"\n",
    b"\r\n",
    b"\"",
    b"\\",
    b"{",
    b"[[[[[[[[",
    b"}",
    b",",
    b";",
    b"\t",
    b" ",
    b"%00",
    b"%ff",
    b"%",
    b"&",
    b"=",
    b"--",
    b"-1",
    b"0",
    b"1e308",
    b"18446744073709551616",
    b"9223372036854775807",
    b"4294967295",
    b"65536",
    "\u{202e}".as_bytes(),
    "\u{300}".as_bytes(),
    "\u{feff}".as_bytes(),
    "đ".as_bytes(),
    "\u{1f600}".as_bytes(),
    b"\xc3\x28",
    b"\\u0000",
    b"=1+1",
];

/// A sample, changed in one to four places.
pub fn changed(random: &mut Random, samples: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = samples[random.below(samples.len())].clone();
    for _ in 0..=random.below(4) {
        let at = random.below(bytes.len() + 1);
        let end = (at + 1 + random.below(24)).min(bytes.len());
        match random.below(10) {
            0 | 1 if at < bytes.len() => bytes[at] ^= 1 << random.below(8),
            2 if at < bytes.len() => bytes[at] = u8::try_from(random.below(256)).unwrap(),
            3 => drop(bytes.splice(at..at, random.pick(&PIECES[..]).iter().copied())),
            4 => drop(bytes.splice(at..end, random.pick(&PIECES[..]).iter().copied())),
            5 => drop(bytes.drain(at..end)),
            6 => bytes.truncate(at),
            7 => {
                let piece = bytes[at..end].to_vec();
                let to = random.below(bytes.len() + 1);
                bytes.splice(to..to, piece);
            }
            8 => {
                // Something many times over, but no more than a file may be.
                let piece = bytes[at..end].to_vec();
                let times = 1 << random.below(if bytes.len() < 65_536 { 12 } else { 2 });
                bytes.splice(at..at, piece.repeat(times));
            }
            _ => {
                let other = &samples[random.below(samples.len())];
                let from = random.below(other.len() + 1);
                bytes.splice(at..end, other[from..].iter().copied());
            }
        }
    }
    bytes.truncate(1 << 20);
    bytes
}

/// Time for each reader: little in every run of the tests.
pub fn time(usual: Duration) -> Duration {
    let seconds = std::env::var_os("MINHBACH_FUZZ_SECONDS");
    seconds.map_or(usual, |_| Duration::from_secs(number("MINHBACH_FUZZ_SECONDS", 0)))
}

/// The same cases in every run, or those of a seed.
pub fn seed() -> u64 {
    number("MINHBACH_DRILL_SEED", 20_261_130)
}

/// The most memory that this process ever had.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    let kibibytes = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok());
    kibibytes.unwrap_or_default() << 10
}

impl Reader {
    fn new(
        name: &'static str,
        samples: Vec<Vec<u8>>,
        read: impl Fn(&[u8]) -> Read + 'static,
    ) -> Self {
        // A slow machine and an unoptimised program are no fault.
        Self { name, samples, read: Box::new(read), most: Duration::from_secs(5) }
    }

    fn one(&self, bytes: &[u8], slowest: &mut Duration) -> Read {
        let begun = Instant::now();
        let read = catch_unwind(AssertUnwindSafe(|| (self.read)(bytes)));
        let took = begun.elapsed();
        *slowest = (*slowest).max(took);
        assert!(took < self.most, "{} took {took:?}: {}", self.name, shown(bytes));
        read.unwrap_or_else(|_| panic!("{} failed with {}", self.name, shown(bytes)))
    }

    /// All samples are accepted; then changed ones for so long. A line of figures.
    fn run(&self, time: Duration) -> String {
        let (mut slowest, mut accepted, mut cases) = (Duration::ZERO, 0_u64, 0_u64);
        assert!(!self.samples.is_empty(), "{}: no samples", self.name);
        for sample in &self.samples {
            let read = self.one(sample, &mut slowest);
            assert!(read == Read::Accepted, "{}: not accepted: {}", self.name, shown(sample));
        }
        let (mut random, begun) = (Random::of(self.name, seed()), Instant::now());
        while begun.elapsed() < time || cases < 50 {
            let bytes = changed(&mut random, &self.samples);
            cases += 1;
            accepted += u64::from(self.one(&bytes, &mut slowest) == Read::Accepted);
        }
        format!(
            "figures: {}: {cases} cases, {accepted} accepted, the slowest {} ms",
            self.name,
            slowest.as_millis()
        )
    }
}

fn shown(bytes: &[u8]) -> String {
    let most = &bytes[..bytes.len().min(2_000)];
    format!("{} bytes, {}", bytes.len(), most.escape_ascii())
}

fn every_reader(each: Duration) {
    let before = peak();
    for reader in files::readers() {
        println!("{}", reader.run(each));
    }
    let grown = peak().saturating_sub(before);
    assert!(grown < 512 << 20, "{} MiB more", grown >> 20);
    println!("figures: memory: {} MiB more at most", grown >> 20);
}

#[test]
fn no_reader_panics_stalls_or_takes_what_it_cannot_write_again() {
    every_reader(time(Duration::from_millis(100)));
}

#[test]
#[ignore = "a drill: ./drill fuzz"]
fn every_reader_for_minutes() {
    every_reader(time(Duration::from_secs(120)));
}
