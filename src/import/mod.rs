//! Bank statements: bytes in, checked values out.
//!
//! INVARIANT: no store, no web, no files, no clock: the same bytes give the same plan. A statement
//! is read wholly or not at all, and every fault names the row and the column that a spreadsheet
//! shows for it.
//!
//! The way of a file, each step a value that the next one takes:
//!
//! ```text
//! bytes ─ read_table ─> Table ─ Layout::detect / by hand ─> Layout
//!       ─ read_statement ─> Statement ─ Occurrence::of_lines, match_lines ─> Plan
//!       ─ Bookings::of, a person's choices ─> vouchers, ready to be signed
//! ```
//!
//! | file | subject |
//! |---|---|
//! | [`decode`] | which encoding the bytes have |
//! | [`split`] | rows and cells, strictly |
//! | [`text`] | bank text as the ledger can hold it; folding for comparisons |
//! | [`table`] | the whole file as clean cells, with limits |
//! | [`layout`] | which column means what |
//! | [`cell`] | dates, times and amounts of single cells |
//! | [`statement`] | lines of a statement, or all faults |
//! | [`identity`] | what makes a line the same line |
//! | [`matching`] | new, booked, or perhaps twice |
//! | [`classify`] | what kind of voucher a line proposes |
//! | [`plan`] | everything that the preview shows and the desk books |
//! | [`kind`] | which voucher a credit becomes, as a person chooses it |
//! | [`families`] | a list of families for the register |
//! | [`likeness`] | which families are perhaps the same one |
//! | [`sheet`] | an Excel file as CSV, behind checks |
//! | [`giving`] | giving codes in the text of a line |
//! | [`booking`] | what becomes of every line, and the vouchers of those that are booked |

pub mod booking;
pub mod cell;
pub mod classify;
pub mod decode;
pub mod families;
pub mod giving;
pub mod identity;
pub mod kind;
pub mod layout;
pub mod likeness;
pub mod matching;
pub mod plan;
pub mod sheet;
pub mod split;
pub mod statement;
pub mod table;
pub mod text;

pub use booking::{BookingFault, Bookings, Decision, Left, Prepared, Seed, Terms, ToBook};
pub use classify::Class;
pub use giving::{Found, GivingCodes, KnownCode};
pub use identity::{LineIdentity, LineKeys, Occurrence};
pub use kind::{Kind, Reason};
pub use layout::Layout;
pub use matching::{KnownLine, KnownLines, Match, WhyTwice, days_shared, match_lines};
pub use plan::{Plan, PlannedLine, Totals};
pub use statement::{
    Direction, Movement, RowFault, RowReason, Statement, StatementLine, check_statement,
    read_statement,
};
pub use table::{ImportFault, Table, read_table};
