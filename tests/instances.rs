//! Several servers on one PostgreSQL, and one on a standby of it: the drills in small.

use crate::drills::cuts;
use crate::drills::instances::{Scale, run};
use crate::drills::replica;

#[test]
fn two_servers_on_one_database_survive_what_is_killed() {
    run(Scale::SMALL);
}

#[test]
fn a_server_on_a_standby_shows_what_the_primary_does_and_takes_over() {
    replica::waited_for(replica::Scale::SMALL);
}

#[test]
fn a_write_that_is_cut_at_some_messages_is_recorded_once() {
    cuts::run(cuts::Scale::SMALL);
}
