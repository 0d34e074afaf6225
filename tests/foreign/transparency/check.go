// Checks published ledgers and receipts with other people's libraries alone: the notes and trees of
// golang.org/x/mod/sumdb, which the Go checksum database is made of.
//
// Each argument is a folder as `minhbach export` writes it; receipts (*.tlog-proof) in it are
// checked, too. What is checked:
//
//   - the checkpoint and every kept one is a note, signed by a log key that the ledger names
//   - every cosignature on them by a witness of the policy (C2SP tlog-cosignature, Ed25519), and the
//     file cosigned has one
//   - every tile and bundle is what the checkpoint's root says
//   - every entry has its place: proof of inclusion, and the same bytes in entries.jsonl
//   - every kept checkpoint is a prefix of the newest: proof of consistency
//   - a changed entry, signature or receipt is refused
//
// Run from anywhere, with the libraries of Debian's golang-golang-x-mod-dev:
//
//	GO111MODULE=off GOPATH=/usr/share/gocode go run tests/foreign/transparency/check.go FOLDER…
package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const header = "c2sp.org/tlog-proof@v1\n"

// ledger is a published folder with its verified head.
type ledger struct {
	folder    string
	keys      note.Verifiers
	witnesses map[string]bool
	cosigned  int
	tree      tlog.Tree
	hashes    tlog.HashReader
}

// cosigner verifies the cosignatures of one witness: x/mod's own verifiers know no type 4.
type cosigner struct {
	name string
	hash uint32
	key  ed25519.PublicKey
}

func (own cosigner) Name() string    { return own.name }
func (own cosigner) KeyHash() uint32 { return own.hash }

// Verify checks the time (8 bytes, big-endian) and the signature behind it.
func (own cosigner) Verify(text, signature []byte) bool {
	if len(signature) != 8+ed25519.SignatureSize {
		return false
	}
	time := binary.BigEndian.Uint64(signature)
	signed := fmt.Sprintf("cosignature/v1\ntime %d\n%s", time, text)
	return time < 1<<63 && ed25519.Verify(own.key, []byte(signed), signature[8:])
}

// newCosigner reads a vkey of type 4.
func newCosigner(vkey string) (note.Verifier, error) {
	parts := strings.SplitN(vkey, "+", 3)
	if len(parts) != 3 {
		return nil, fmt.Errorf("no vkey: %s", vkey)
	}
	key, err := base64.StdEncoding.DecodeString(parts[2])
	if err != nil {
		return nil, err
	}
	if len(key) != 1+ed25519.PublicKeySize || key[0] != 4 {
		return nil, fmt.Errorf("not the key of a witness: %s", vkey)
	}
	id := sha256.Sum256(append([]byte(parts[0]+"\n"), key...))
	hash := binary.BigEndian.Uint32(id[:])
	if fmt.Sprintf("%08x", hash) != parts[1] {
		return nil, fmt.Errorf("a key id that is not that of its key: %s", vkey)
	}
	return cosigner{parts[0], hash, ed25519.PublicKey(key[1:])}, nil
}

// witnesses are those of the published policy (C2SP tlog-policy).
func witnesses(folder string) ([]note.Verifier, error) {
	text, err := os.ReadFile(filepath.Join(folder, "policy"))
	if err != nil {
		return nil, err
	}
	var all []note.Verifier
	for _, line := range strings.Split(string(text), "\n") {
		words := strings.Fields(line)
		if len(words) < 3 || words[0] != "witness" {
			continue
		}
		verifier, err := newCosigner(words[2])
		if err != nil {
			return nil, err
		}
		all = append(all, verifier)
	}
	return all, nil
}

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "usage: check FOLDER…")
		os.Exit(2)
	}
	failed := false
	for _, folder := range os.Args[1:] {
		said, err := check(folder)
		if err != nil {
			failed = true
			fmt.Printf("FAILED  %s: %v\n", folder, err)
			continue
		}
		fmt.Printf("ok      %s: %s\n", filepath.Base(folder), said)
	}
	if failed {
		os.Exit(1)
	}
}

func check(folder string) (string, error) {
	own, entries, err := open(folder)
	if err != nil {
		return "", err
	}
	if err := own.entries(entries); err != nil {
		return "", err
	}
	kept, err := own.checkpoints()
	if err != nil {
		return "", err
	}
	receipts, err := own.receipts()
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%d entries, %d kept checkpoints, %d receipts, %d cosignatures",
		own.tree.N, kept, receipts, own.cosigned), nil
}

// open verifies the checkpoint; the entries come from entries.jsonl.
func open(folder string) (*ledger, [][]byte, error) {
	whole, err := os.ReadFile(filepath.Join(folder, "entries.jsonl"))
	if err != nil {
		return nil, nil, err
	}
	entries := bytes.Split(bytes.TrimSuffix(whole, []byte("\n")), []byte("\n"))
	all, err := logKeys(entries)
	if err != nil {
		return nil, nil, err
	}
	witnesses, err := witnesses(folder)
	if err != nil {
		return nil, nil, err
	}
	own := &ledger{folder: folder, witnesses: map[string]bool{}}
	for _, witness := range witnesses {
		own.witnesses[witness.Name()] = true
	}
	own.keys = note.VerifierList(append(all, witnesses...)...)
	text, err := os.ReadFile(filepath.Join(folder, "checkpoint"))
	if err != nil {
		return nil, nil, err
	}
	own.tree, err = own.head(text)
	if err != nil {
		return nil, nil, err
	}
	own.hashes = tlog.TileHashReader(own.tree, own)
	return own, entries, nil
}

// logKeys are the keys that the ledger itself names for its log.
func logKeys(entries [][]byte) ([]note.Verifier, error) {
	var all []note.Verifier
	for _, entry := range entries {
		var read struct {
			Voucher struct {
				Kind   string `json:"kind"`
				LogKey string `json:"log_key"`
				NewKey string `json:"new_vkey"`
			} `json:"voucher"`
		}
		if err := json.Unmarshal(entry, &read); err != nil {
			return nil, err
		}
		key := read.Voucher.LogKey
		if read.Voucher.Kind == "log_key_rotated" {
			key = read.Voucher.NewKey
		}
		if key == "" {
			continue
		}
		verifier, err := note.NewVerifier(key)
		if err != nil {
			return nil, err
		}
		all = append(all, verifier)
	}
	return all, nil
}

// head reads a signed checkpoint, and demands that changed text and a changed cosignature are refused.
func (own *ledger) head(text []byte) (tlog.Tree, error) {
	var tree tlog.Tree
	opened, err := note.Open(text, own.keys)
	if err != nil {
		return tree, err
	}
	if _, err := note.Open(bytes.Replace(text, []byte("\n"), []byte("x\n"), 1), own.keys); err == nil {
		return tree, fmt.Errorf("a changed note was taken")
	}
	lines := strings.Split(opened.Text, "\n")
	logs := 0
	for _, signature := range opened.Sigs {
		if signature.Name == lines[0] {
			logs++
		} else if own.witnesses[signature.Name] {
			own.cosigned++
			// The same line with another signature: its last characters but the padding.
			changed := strings.Replace(string(text), signature.Base64, swapped(signature.Base64), 1)
			if _, err := note.Open([]byte(changed), own.keys); err == nil {
				return tree, fmt.Errorf("a changed cosignature of %s was taken", signature.Name)
			}
		}
	}
	if len(lines) < 3 || logs == 0 {
		return tree, fmt.Errorf("the note is no checkpoint signed by its log")
	}
	if tree.N, err = strconv.ParseInt(lines[1], 10, 64); err != nil {
		return tree, err
	}
	tree.Hash, err = tlog.ParseHash(lines[2])
	return tree, err
}

// swapped changes one character in the middle of a signature.
func swapped(text string) string {
	at, other := len(text)/2, "A"
	if text[at] == 'A' {
		other = "B"
	}
	return text[:at] + other + text[at+1:]
}

// entries proves the place of every entry, from bundles and from entries.jsonl alike.
func (own *ledger) entries(lines [][]byte) error {
	if int64(len(lines)) != own.tree.N {
		return fmt.Errorf("%d lines, but %d entries", len(lines), own.tree.N)
	}
	var bundle [][]byte
	for at, line := range lines {
		place := int64(at)
		if at%256 == 0 {
			read, err := own.bundle(place / 256)
			if err != nil {
				return err
			}
			bundle = read
		}
		if !bytes.Equal(bundle[at%256], line) {
			return fmt.Errorf("entry %d differs between its bundle and entries.jsonl", at)
		}
		proof, err := tlog.ProveRecord(own.tree.N, place, own.hashes)
		if err != nil {
			return err
		}
		if err := included(proof, own.tree, place, line); err != nil {
			return err
		}
	}
	return nil
}

// included checks an inclusion proof, and that it does not hold for other bytes.
func included(proof tlog.RecordProof, tree tlog.Tree, at int64, entry []byte) error {
	if err := tlog.CheckRecord(proof, tree.N, tree.Hash, at, tlog.RecordHash(entry)); err != nil {
		return fmt.Errorf("entry %d: %w", at, err)
	}
	changed := bytes.Replace(entry, []byte("{"), []byte(" "), 1)
	if tlog.CheckRecord(proof, tree.N, tree.Hash, at, tlog.RecordHash(changed)) == nil {
		return fmt.Errorf("entry %d: changed bytes were taken", at)
	}
	return nil
}

// checkpoints proves that every kept checkpoint is a prefix of the newest.
func (own *ledger) checkpoints() (int, error) {
	paths, err := filepath.Glob(filepath.Join(own.folder, "checkpoints", "*"))
	if err != nil {
		return 0, err
	}
	// The newest one that a witness cosigned; there is none before one did.
	cosigned := filepath.Join(own.folder, "cosigned")
	if _, err := os.Stat(cosigned); err == nil {
		paths = append(paths, cosigned)
	}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			return 0, err
		}
		before := own.cosigned
		older, err := own.head(text)
		if err != nil {
			return 0, fmt.Errorf("%s: %w", path, err)
		}
		if path == cosigned && own.cosigned == before {
			return 0, fmt.Errorf("%s has no cosignature", path)
		}
		proof, err := tlog.ProveTree(own.tree.N, older.N, own.hashes)
		if err != nil {
			return 0, err
		}
		if err := tlog.CheckTree(proof, own.tree.N, own.tree.Hash, older.N, older.Hash); err != nil {
			return 0, fmt.Errorf("%s: %w", path, err)
		}
	}
	return len(paths), nil
}

// receipts checks every receipt that lies in the folder.
func (own *ledger) receipts() (int, error) {
	paths, err := filepath.Glob(filepath.Join(own.folder, "*.tlog-proof"))
	if err != nil {
		return 0, err
	}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			return 0, err
		}
		if err := own.receipt(string(text)); err != nil {
			return 0, fmt.Errorf("%s: %w", path, err)
		}
	}
	return len(paths), nil
}

// receipt checks an offline receipt (C2SP tlog-proof) whose extra data are the entry.
func (own *ledger) receipt(text string) error {
	proofText, checkpoint, found := strings.Cut(text, "\n\n")
	if !found || !strings.HasPrefix(proofText, header) {
		return fmt.Errorf("no tlog-proof")
	}
	lines := strings.Split(strings.TrimPrefix(proofText, header), "\n")
	if len(lines) < 2 {
		return fmt.Errorf("no entry or index")
	}
	entry, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(lines[0], "extra "))
	if err != nil {
		return err
	}
	at, err := strconv.ParseInt(strings.TrimPrefix(lines[1], "index "), 10, 64)
	if err != nil {
		return err
	}
	proof := make(tlog.RecordProof, len(lines)-2)
	for place, line := range lines[2:] {
		if proof[place], err = tlog.ParseHash(line); err != nil {
			return err
		}
	}
	tree, err := own.head([]byte(checkpoint))
	if err != nil {
		return err
	}
	return included(proof, tree, at, entry)
}

// bundle reads the entries of a tile, each behind its length (C2SP tlog-tiles).
func (own *ledger) bundle(number int64) ([][]byte, error) {
	tile := own.whole(tlog.Tile{H: 8, L: -1, N: number})
	data, err := os.ReadFile(filepath.Join(own.folder, path(tile)))
	if err != nil {
		return nil, err
	}
	var all [][]byte
	for len(data) > 0 {
		if len(data) < 2 || len(data) < 2+int(binary.BigEndian.Uint16(data)) {
			return nil, fmt.Errorf("bundle %d is cut", number)
		}
		end := 2 + int(binary.BigEndian.Uint16(data))
		all, data = append(all, data[2:end]), data[end:]
	}
	if len(all) != tile.W {
		return nil, fmt.Errorf("bundle %d has %d entries, not %d", number, len(all), tile.W)
	}
	return all, nil
}

// whole gives a tile of entries the width that it has in this tree.
func (own *ledger) whole(tile tlog.Tile) tlog.Tile {
	tile.W = 256
	if rest := own.tree.N - tile.N*256; rest < 256 {
		tile.W = int(rest)
	}
	return tile
}

// Height is that of C2SP tiles.
func (own *ledger) Height() int { return 8 }

// ReadTiles reads tiles of hashes; the library checks them against the root.
func (own *ledger) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, tile := range tiles {
		data, err := os.ReadFile(filepath.Join(own.folder, path(tile)))
		if err != nil {
			return nil, err
		}
		all = append(all, data)
	}
	return all, nil
}

// SaveTiles keeps nothing.
func (own *ledger) SaveTiles([]tlog.Tile, [][]byte) {}

// path is where C2SP tlog-tiles puts a tile: without the height, which is always 8.
func path(tile tlog.Tile) string {
	old := strings.TrimPrefix(tile.Path(), "tile/8/")
	return filepath.Join("tile", strings.Replace(old, "data/", "entries/", 1))
}
