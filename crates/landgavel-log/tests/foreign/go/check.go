// Checks a bundle and receipts with Go's own packages for transparency logs, sumdb/note and sumdb/tlog.
//
//	check BUNDLE STRIDE RECEIPT…
//
// A bundle is a directory with policy.txt, checkpoints.jsonl and tile/. Every checkpoint must be signed by the
// log and by enough witnesses; every hash of every tile must belong to the tree of the last; each checkpoint
// must be a prefix of the next; every STRIDE-th entry must be in the tree; every receipt must hold, and be
// what this program would write itself. Exit code 0 if all holds, 1 with the reason if not.
//
// It knows nothing of the program whose files it reads, but the formats of C2SP.
package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// Tiles of C2SP hold 256 hashes: eight levels of the tree.
const height = 8

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) < 2 {
		return errors.New("usage: check BUNDLE STRIDE RECEIPT…")
	}
	stride, err := strconv.ParseInt(args[1], 10, 64)
	if err != nil || stride < 1 {
		return fmt.Errorf("no stride: %s", args[1])
	}
	bundle := args[0]
	trust, err := readPolicy(filepath.Join(bundle, "policy.txt"))
	if err != nil {
		return fmt.Errorf("policy.txt: %w", err)
	}
	heads, err := readCheckpoints(filepath.Join(bundle, "checkpoints.jsonl"), trust)
	if err != nil {
		return fmt.Errorf("checkpoints.jsonl: %w", err)
	}
	last := heads[len(heads)-1]
	tiles := &tiles{root: bundle, size: last.N, files: map[string][]byte{}}
	reader := tlog.TileHashReader(last, tiles)
	if err := checkTiles(reader, tiles, last); err != nil {
		return err
	}
	if err := checkGrowth(reader, heads); err != nil {
		return err
	}
	entries, err := checkEntries(reader, tiles, last, stride)
	if err != nil {
		return err
	}
	for _, path := range args[2:] {
		if err := checkReceipt(path, reader, trust); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
	}
	fmt.Printf("%d checkpoints, %d tile files, %d of %d entries, %d receipts: all hold\n",
		len(heads), len(tiles.files), entries, last.N, len(args)-2)
	return nil
}

// A policy of one log and a group of witnesses.
type policy struct {
	log       string
	threshold int
	keys      note.Verifiers
}

func readPolicy(path string) (policy, error) {
	var trust policy
	text, err := os.ReadFile(path)
	if err != nil {
		return trust, err
	}
	var keys []note.Verifier
	for _, line := range strings.Split(string(text), "\n") {
		words := strings.Fields(line)
		switch {
		case len(words) >= 2 && words[0] == "log":
			key, err := note.NewVerifier(words[1])
			if err != nil {
				return trust, err
			}
			trust.log = key.Name()
			keys = append(keys, key)
		case len(words) >= 3 && words[0] == "witness":
			key, err := newCosigner(words[2])
			if err != nil {
				return trust, err
			}
			keys = append(keys, key)
		case len(words) >= 3 && words[0] == "group":
			if trust.threshold, err = strconv.Atoi(words[2]); err != nil {
				return trust, err
			}
		}
	}
	if trust.log == "" || trust.threshold < 1 {
		return trust, errors.New("names no log or no threshold")
	}
	trust.keys = note.VerifierList(keys...)
	return trust, nil
}

// A cosigner verifies signatures of type 4, C2SP tlog-cosignature, which the package note does not know.
type cosigner struct {
	name string
	id   uint32
	key  ed25519.PublicKey
}

func newCosigner(vkey string) (*cosigner, error) {
	parts := strings.SplitN(vkey, "+", 3)
	if len(parts) != 3 {
		return nil, fmt.Errorf("no key: %s", vkey)
	}
	key, err := base64.StdEncoding.DecodeString(parts[2])
	if err != nil || len(key) != 1+ed25519.PublicKeySize || key[0] != 4 {
		return nil, fmt.Errorf("no key of a witness: %s", vkey)
	}
	hash := sha256.Sum256(append([]byte(parts[0]+"\n"), key...))
	id := binary.BigEndian.Uint32(hash[:4])
	if parts[1] != fmt.Sprintf("%08x", id) {
		return nil, fmt.Errorf("another id: %s", vkey)
	}
	return &cosigner{parts[0], id, ed25519.PublicKey(key[1:])}, nil
}

func (c *cosigner) Name() string    { return c.name }
func (c *cosigner) KeyHash() uint32 { return c.id }
func (c *cosigner) Verify(text, sig []byte) bool {
	if len(sig) != 8+ed25519.SignatureSize {
		return false
	}
	message := fmt.Sprintf("cosignature/v1\ntime %d\n%s", binary.BigEndian.Uint64(sig), text)
	return ed25519.Verify(c.key, []byte(message), sig[8:])
}

// openCheckpoint verifies a checkpoint and gives the head that it states.
func openCheckpoint(text []byte, trust policy) (tlog.Tree, error) {
	var head tlog.Tree
	opened, err := note.Open(text, trust.keys)
	if err != nil {
		return head, err
	}
	byLog, cosigned := false, 0
	for _, sig := range opened.Sigs {
		if sig.Name == trust.log {
			byLog = true
		} else {
			cosigned++
		}
	}
	if !byLog || cosigned < trust.threshold || len(opened.UnverifiedSigs) != 0 {
		return head, fmt.Errorf("signed by the log: %v, cosigned by %d of %d", byLog, cosigned, trust.threshold)
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[0] != trust.log {
		return head, errors.New("not three lines that begin with the name of the log")
	}
	if head.N, err = strconv.ParseInt(lines[1], 10, 64); err != nil {
		return head, err
	}
	head.Hash, err = tlog.ParseHash(lines[2])
	return head, err
}

func readCheckpoints(path string, trust policy) ([]tlog.Tree, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var heads []tlog.Tree
	for _, line := range strings.Split(strings.TrimSuffix(string(text), "\n"), "\n") {
		var object struct{ Note string }
		if err := json.Unmarshal([]byte(line), &object); err != nil {
			return nil, err
		}
		head, err := openCheckpoint([]byte(object.Note), trust)
		if err != nil {
			return nil, err
		}
		heads = append(heads, head)
	}
	return heads, nil
}

// Tiles of a directory in the form of C2SP: `tile/L/N`, where the package has `tile/H/L/N`, and a partial tile
// of the last size only, of which a narrower one is a prefix.
type tiles struct {
	root  string
	size  int64
	files map[string][]byte
}

func (t *tiles) Height() int                     { return height }
func (t *tiles) SaveTiles([]tlog.Tile, [][]byte) {}

func (t *tiles) ReadTiles(asked []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, tile := range asked {
		file, err := t.read(tile)
		if err != nil {
			return nil, err
		}
		all = append(all, file[:tile.W*tlog.HashSize])
	}
	return all, nil
}

// widest is the width of a tile in the tree of the last size.
func (t *tiles) widest(level int, n int64) int {
	width := t.size>>(height*level) - n<<height
	if width > 1<<height {
		width = 1 << height
	}
	return int(width)
}

func (t *tiles) read(tile tlog.Tile) ([]byte, error) {
	wide := tlog.Tile{H: height, L: tile.L, N: tile.N, W: t.widest(tile.L, tile.N)}
	path := strings.Replace(wide.Path(), fmt.Sprintf("tile/%d/", height), "tile/", 1)
	if file, ok := t.files[path]; ok {
		return file, nil
	}
	file, err := os.ReadFile(filepath.Join(t.root, path))
	if err != nil {
		return nil, err
	}
	if len(file) != wide.W*tlog.HashSize || wide.W < tile.W {
		return nil, fmt.Errorf("%s: has %d bytes", path, len(file))
	}
	t.files[path] = file
	return file, nil
}

// checkTiles reads every hash that the tree stores; the reader checks each against the head. Then no file of
// hashes may be left over.
func checkTiles(reader tlog.HashReader, t *tiles, head tlog.Tree) error {
	var indexes []int64
	for index := int64(0); index < tlog.StoredHashCount(head.N); index++ {
		indexes = append(indexes, index)
	}
	if _, err := reader.ReadHashes(indexes); err != nil {
		return fmt.Errorf("tiles: %w", err)
	}
	return filepath.Walk(filepath.Join(t.root, "tile"), func(path string, info os.FileInfo, err error) error {
		if err != nil || info.IsDir() {
			return err
		}
		name, err := filepath.Rel(t.root, path)
		if _, known := t.files[name]; err == nil && !known && !strings.HasPrefix(name, "tile/entries/") {
			err = fmt.Errorf("%s: is no part of the tree", name)
		}
		return err
	})
}

// checkGrowth proves each checkpoint to be a prefix of the next.
func checkGrowth(reader tlog.HashReader, heads []tlog.Tree) error {
	for i := 1; i < len(heads); i++ {
		old, new := heads[i-1], heads[i]
		if old.N >= new.N {
			return fmt.Errorf("checkpoint %d: is not larger than the one before", i)
		}
		proof, err := tlog.ProveTree(new.N, old.N, reader)
		if err == nil {
			err = tlog.CheckTree(proof, new.N, new.Hash, old.N, old.Hash)
		}
		if err != nil {
			return fmt.Errorf("checkpoint %d: %w", i, err)
		}
	}
	return nil
}

// checkEntries reads all entries and proves every stride-th to be in the tree; gives how many it proved.
func checkEntries(reader tlog.HashReader, t *tiles, head tlog.Tree, stride int64) (int64, error) {
	checked := int64(0)
	for number := int64(0); number < head.N; {
		width := t.widest(0, number>>height)
		tile := tlog.Tile{H: height, L: -1, N: number >> height, W: width}
		path := strings.Replace(tile.Path(), fmt.Sprintf("tile/%d/data/", height), "tile/entries/", 1)
		rest, err := os.ReadFile(filepath.Join(t.root, path))
		if err != nil {
			return checked, err
		}
		for ; width > 0; width-- {
			if len(rest) < 2 || len(rest) < 2+int(binary.BigEndian.Uint16(rest)) {
				return checked, fmt.Errorf("%s: ends within entry %d", path, number)
			}
			end := 2 + int(binary.BigEndian.Uint16(rest))
			if number%stride == 0 {
				proof, err := tlog.ProveRecord(head.N, number, reader)
				if err == nil {
					err = tlog.CheckRecord(proof, head.N, head.Hash, number, tlog.RecordHash(rest[2:end]))
				}
				if err != nil {
					return checked, fmt.Errorf("entry %d: %w", number, err)
				}
				checked++
			}
			rest = rest[end:]
			number++
		}
		if len(rest) != 0 {
			return checked, fmt.Errorf("%s: goes on after its last entry", path)
		}
	}
	return checked, nil
}

// checkReceipt verifies a receipt that holds its entry, and compares it with one that is written here.
func checkReceipt(path string, reader tlog.HashReader, trust policy) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	top, checkpoint, found := bytes.Cut(text, []byte("\n\n"))
	lines := strings.Split(string(top), "\n")
	if !found || len(lines) < 3 || lines[0] != "c2sp.org/tlog-proof@v1" {
		return errors.New("is no receipt that holds its entry")
	}
	entry, err := base64.StdEncoding.Strict().DecodeString(strings.TrimPrefix(lines[1], "extra "))
	if err != nil {
		return err
	}
	index, err := strconv.ParseInt(strings.TrimPrefix(lines[2], "index "), 10, 64)
	if err != nil {
		return err
	}
	var proof tlog.RecordProof
	for _, line := range lines[3:] {
		hash, err := tlog.ParseHash(line)
		if err != nil {
			return err
		}
		proof = append(proof, hash)
	}
	head, err := openCheckpoint(checkpoint, trust)
	if err != nil {
		return err
	}
	if err := tlog.CheckRecord(proof, head.N, head.Hash, index, tlog.RecordHash(entry)); err != nil {
		return err
	}
	own, err := tlog.ProveRecord(head.N, index, reader)
	if err != nil {
		return err
	}
	written := fmt.Sprintf("c2sp.org/tlog-proof@v1\nextra %s\nindex %d\n", base64.StdEncoding.EncodeToString(entry), index)
	for _, hash := range own {
		written += hash.String() + "\n"
	}
	if written += "\n" + string(checkpoint); written != string(text) {
		return errors.New("is not what this program would write")
	}
	return nil
}
