//! Texts that stand in the desk's own rows, opened with a key that came with the row: a register
//! of thousands is read with one statement.

use zeroize::Zeroizing;

use super::{KEYS, Subject, Vault, note_context};
use crate::store::desk::{Chapter, DeskFault};

impl Vault {
    /// Opens a sealed text with the wrapped data key that was read with it.
    pub(in crate::store::desk) fn open_with(
        &self,
        chapter: &Chapter,
        subject: &Subject,
        label: &str,
        (wrapped, sealed): (&[u8], &[u8]),
    ) -> Result<Zeroizing<Vec<u8>>, DeskFault> {
        let key = self.unwrap_key(chapter, subject, wrapped)?;
        key.open(&note_context(chapter, subject, label), sealed).map_err(DeskFault::sealed(KEYS))
    }
}
