//! Room: cli. The command line: one command a file.
//!
//! What an operator types and reads is English. Status 0: done; 1: refused, or something does not
//! hold; 2: the command line itself is wrong; 3: a ledger has a newer format; 4: `monitor` or
//! `mirror` could not read one.

mod archive;
mod backup;
mod breach;
mod continuing;
mod data;
mod demo;
mod doctor;
mod export;
mod fault;
mod founding;
mod generate;
mod import;
mod invented;
mod key;
mod key_file;
mod man;
mod mirror;
mod monitor;
mod move_to;
mod passphrase;
mod postgres;
mod progress;
mod rebuild;
mod refill;
mod restore;
mod retention;
mod roll_up;
mod schedule;
mod serve;
mod settings;
mod sheet;
mod sign;
mod verify;
mod witness;
mod work;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

pub use data::Context;
pub use fault::CliFault;

/// An open ledger for a Red Cross chapter that everybody can check.
///
/// Without a command it serves the site and the desk, as `minhbach serve` does.
#[derive(Debug, Parser)]
#[command(name = "minhbach", version, propagate_version = true)]
#[command(after_long_help = "Examples:
  minhbach                          serve the site, with its data in ./data
  minhbach demo                     the same with an invented chapter, in ./demo-data
  minhbach verify https://so.example/xuan-tay

Address, port and database come from Rocket.toml and ROCKET_... variables; docs/OPERATING.md
says more.")]
struct Cli {
    /// The folder of database, keys and anchor; made when it is missing [default: ./data,
    /// of `demo` ./demo-data]
    #[arg(long, global = true, value_name = "FOLDER", env = "MINHBACH_DATA")]
    data: Option<PathBuf>,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    Serve(serve::Serve),
    Demo(demo::Demo),
    #[command(subcommand)]
    Generate(generate::Generate),
    #[command(subcommand)]
    Import(import::Import),
    Verify(verify::Verify),
    Monitor(monitor::Monitor),
    Mirror(mirror::Mirror),
    RollUp(roll_up::Rolling),
    Schedule(schedule::Scheduling),
    Export(export::Export),
    Backup(backup::Backup),
    Restore(restore::Restore),
    Move(move_to::Move),
    Rebuild(rebuild::Rebuild),
    Refill(refill::Refill),
    Doctor(doctor::Doctor),
    BreachReport(breach::BreachReport),
    Chapter(founding::Chapter),
    Continue(continuing::Continue),
    Witness(witness::Witness),
    #[command(subcommand)]
    Key(key::Key),
    Sign(sign::Sign),
    #[command(hide = true)]
    ReadSheet(sheet::ReadSheet),
    #[command(hide = true)]
    Man(man::Man),
    #[command(hide = true)]
    Completions(man::Completions),
}

/// Reads the command line and runs what it asks for.
#[must_use]
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    let context = Context { data: cli.data };
    let done = match cli.command.unwrap_or(Command::Serve(serve::Serve {})) {
        Command::Serve(command) => command.run(&context).map(|()| ExitCode::SUCCESS),
        Command::Demo(command) => command.run(&context).map(|()| ExitCode::SUCCESS),
        Command::Generate(command) => command.run(&context).map(|()| ExitCode::SUCCESS),
        Command::Import(command) => command.run(&context).map(|()| ExitCode::SUCCESS),
        Command::Verify(command) => command.run(),
        Command::Monitor(command) => command.run(),
        Command::Mirror(command) => command.run(),
        Command::RollUp(command) => command.run(),
        Command::Schedule(command) => Ok(command.run()),
        Command::Export(command) => command.run(&context).map(|()| ExitCode::SUCCESS),
        Command::Backup(command) => command.run(&context).map(|()| ExitCode::SUCCESS),
        Command::Restore(command) => command.run(&context).map(|()| ExitCode::SUCCESS),
        Command::Move(command) => command.run(&context).map(|()| ExitCode::SUCCESS),
        Command::Rebuild(command) => command.run(&context),
        Command::Refill(command) => command.run(&context).map(|()| ExitCode::SUCCESS),
        Command::Doctor(command) => command.run(&context),
        Command::BreachReport(command) => command.run(&context).map(|()| ExitCode::SUCCESS),
        Command::Chapter(command) => command.run(&context).map(|()| ExitCode::SUCCESS),
        Command::Continue(command) => command.run(&context).map(|()| ExitCode::SUCCESS),
        Command::Witness(command) => command.run(&context).map(|()| ExitCode::SUCCESS),
        Command::Key(command) => command.run().map(|()| ExitCode::SUCCESS),
        Command::Sign(command) => command.run().map(|()| ExitCode::SUCCESS),
        Command::ReadSheet(command) => command.run(),
        Command::Man(command) => command.run().map(|()| ExitCode::SUCCESS),
        Command::Completions(command) => command.run().map(|()| ExitCode::SUCCESS),
    };
    done.unwrap_or_else(|fault| {
        eprintln!("minhbach: {fault}");
        ExitCode::FAILURE
    })
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    #[test]
    fn every_command_has_a_short_and_a_long_help_with_examples() {
        let mut command = super::Cli::command();
        command.build();
        fn check(command: &clap::Command) {
            assert!(command.get_about().is_some(), "{} says what it does", command.get_name());
            for argument in command.get_arguments() {
                let said = argument.get_help().or(argument.get_long_help());
                assert!(said.is_some(), "{} {}", command.get_name(), argument.get_id());
            }
            let inner = command.get_subcommands().filter(|inner| inner.get_name() != "help");
            if !command.has_subcommands() {
                let help = command.get_after_long_help().map(ToString::to_string);
                let help = help.unwrap_or_default();
                assert!(help.contains("minhbach "), "{} has examples", command.get_name());
            }
            inner.for_each(check);
        }
        check(&command);
        command.debug_assert();
    }
}
