//! The structures of vouchers against the golden list of kinds.
