//! A published ledger made of plain bytes: what an export holds, written without our publisher,
//! so that tests can publish what no honest publisher would.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::Path;

use minhbach::follow::FollowFault;
use minhbach::follow::copy::{Asked, Copy, Looked};
use minhbach::ledger::keys::SigningKey;
use minhbach::ledger::note::{Checkpoint, LogLine, Policy, Quorum, sign_checkpoint};
use minhbach::ledger::receipt::Receipt;
use minhbach::ledger::tree::{
    Frontier, Hash, Nodes, StoredIndex, encode_bundle, entry_tiles_between, hash_tiles_between,
    leaf_hash,
};
use minhbach::verify::report::Report;
use minhbach::verify::source::Source;
use minhbach::verify::{Options, verify};
use tempfile::TempDir;

/// Entries and everything that is published beside them.
#[derive(Clone)]
pub struct Published {
    /// The bytes of every entry.
    pub entries: Vec<Vec<u8>>,
    /// The ledger's name.
    pub origin: String,
    /// Statements by name.
    pub statements: BTreeMap<String, Vec<u8>>,
    /// The lines of `disclosures.jsonl`.
    pub disclosures: String,
    /// Sizes whose checkpoints are kept.
    pub sizes: Vec<u64>,
}

impl Published {
    fn tree(&self) -> (Frontier, HashMap<StoredIndex, Hash>, Vec<Hash>) {
        let (mut frontier, mut nodes, mut roots) = (Frontier::new(), HashMap::new(), Vec::new());
        for entry in &self.entries {
            nodes.extend(frontier.append(leaf_hash(entry)));
            roots.push(frontier.root());
        }
        (frontier, nodes, roots)
    }

    /// The signed checkpoint of `size`.
    pub fn checkpoint(&self, size: u64, key: &SigningKey) -> String {
        let (_, _, roots) = self.tree();
        let root = roots[usize::try_from(size).unwrap() - 1];
        let checkpoint = Checkpoint::new(&self.origin, size, root).unwrap();
        sign_checkpoint(&checkpoint, key).unwrap().to_string()
    }

    /// The receipt of the entry `seq` under the newest checkpoint.
    pub fn receipt(&self, seq: u64, key: &SigningKey) -> String {
        let (frontier, nodes, _) = self.tree();
        let proof = nodes.inclusion_proof(seq, frontier.size()).unwrap();
        let checkpoint = Checkpoint::new(&self.origin, frontier.size(), frontier.root()).unwrap();
        let signed = sign_checkpoint(&checkpoint, key).unwrap();
        let entry = self.entries[usize::try_from(seq).unwrap()].clone();
        Receipt::new(entry, seq, proof, signed).unwrap().to_string()
    }

    /// Writes the tree of files.
    pub fn write(&self, folder: &Path, key: &SigningKey) {
        let (frontier, nodes, _) = self.tree();
        let size = frontier.size();
        let put = |path: &str, bytes: &[u8]| {
            let path = folder.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        };
        for tile in hash_tiles_between(0, size).unwrap() {
            put(
                &tile.to_string(),
                &nodes.hash_tile_bytes(tile.level(), tile.index(), tile.width()).unwrap(),
            );
        }
        for tile in entry_tiles_between(0, size).unwrap() {
            let first = usize::try_from(tile.index() * 256).unwrap();
            let bundle = &self.entries[first..first + usize::from(tile.width())];
            let bytes = encode_bundle(bundle.iter().map(Vec::as_slice)).unwrap();
            put(&tile.to_string(), &bytes);
        }
        let mut lines = Vec::new();
        for entry in &self.entries {
            lines.extend_from_slice(entry);
            lines.push(b'\n');
        }
        put("entries.jsonl", &lines);
        put("disclosures.jsonl", self.disclosures.as_bytes());
        for (name, bytes) in &self.statements {
            put(&format!("statements/{name}.json"), bytes);
        }
        for size in &self.sizes {
            put(&format!("checkpoints/{size}"), self.checkpoint(*size, key).as_bytes());
        }
        let log = LogLine { key: key.public().clone(), url: None };
        let policy = Policy::new(vec![log], Vec::new(), Vec::new(), Quorum::None).unwrap();
        put("policy", policy.to_string().as_bytes());
        put("checkpoint", self.checkpoint(size, key).as_bytes());
    }

    /// Writes the tree into a temporary folder.
    pub fn folder(&self, key: &SigningKey) -> TempDir {
        let folder = tempfile::tempdir().unwrap();
        self.write(folder.path(), key);
        folder
    }

    /// What the verifier says of it.
    pub fn verify(&self, key: &SigningKey) -> Report {
        verify_folder(self.folder(key).path(), &Options::default())
    }
}

/// What the verifier says of a folder; a follower without memory says the same.
pub fn verify_folder(folder: &Path, options: &Options) -> Report {
    let source = Source::Folder(folder.to_owned());
    let report = verify(&source, options, &mut |_, _| {}).unwrap();
    let state = tempfile::tempdir().unwrap();
    let (key, against) = (options.key.clone(), options.against.clone());
    let asked = Asked { key, against, ..Asked::default() };
    match followed(state.path(), folder, &asked) {
        Ok(looked) => {
            let found = |report: &Report| {
                let broken = report.broken.clone();
                (report.outcome, broken.map(|own| (own.step, own.seq, own.code, own.reason)))
            };
            assert_eq!(found(&looked.report), found(&report), "{}", looked.report);
            assert_eq!(looked.report.verified, report.verified);
        }
        Err(FollowFault::Nothing { .. }) => assert!(!folder.join("checkpoint").exists()),
        // A ledger that continues another is followed from the first on.
        Err(FollowFault::NotFirst { .. }) => {}
        Err(fault) => panic!("{fault}"),
    }
    report
}

/// What a follower says who keeps its memory in `state`.
pub fn followed(state: &Path, folder: &Path, asked: &Asked) -> Result<Looked, FollowFault> {
    let copy = Copy::open(&state.join("copy"), &state.join("own"))?;
    copy.look(&Source::Folder(folder.to_owned()), asked, &mut |_, _| {})
}
