package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// claims is what another implementation says of a log; hashes are in base64, as tlog writes them.
type claims struct {
	Key       string
	Inclusion []struct {
		Index int64
		Entry []byte
		Path  tlog.RecordProof
	}
	Consistency []struct {
		Size int64
		Root tlog.Hash
		Path tlog.TreeProof
	}
}

// check verifies a whole log and every claim about it, and returns the size of its tree.
func check(root, file string) (int64, error) {
	said, err := readClaims(file)
	if err != nil {
		return 0, err
	}
	log := folder(root)
	tree, err := openCheckpoint(root, said.Key)
	if err != nil {
		return 0, fmt.Errorf("checkpoint: %w", err)
	}
	if err := checkTiles(log, tree); err != nil {
		return 0, fmt.Errorf("tiles: %w", err)
	}
	reader := tlog.TileHashReader(tree, log)
	if err := checkInclusion(said, tree, reader); err != nil {
		return 0, fmt.Errorf("inclusion: %w", err)
	}
	if err := checkConsistency(said, tree, reader); err != nil {
		return 0, fmt.Errorf("consistency: %w", err)
	}
	return tree.N, nil
}

func readClaims(file string) (said claims, err error) {
	data, err := os.ReadFile(file)
	if err == nil {
		err = json.Unmarshal(data, &said)
	}
	return said, err
}

// openCheckpoint checks the note and reads the tree. tlog reads only trees of go.sum databases: their first
// line takes the place of the origin, after that has been compared with the key's name, as C2SP has it.
func openCheckpoint(root, key string) (tlog.Tree, error) {
	verifier, err := note.NewVerifier(key)
	if err != nil {
		return tlog.Tree{}, err
	}
	data, err := os.ReadFile(filepath.Join(root, "checkpoint"))
	if err != nil {
		return tlog.Tree{}, err
	}
	opened, err := note.Open(data, note.VerifierList(verifier))
	if err != nil {
		return tlog.Tree{}, err
	}
	origin, rest, _ := strings.Cut(opened.Text, "\n")
	if origin != verifier.Name() {
		return tlog.Tree{}, fmt.Errorf("the origin is %s", origin)
	}
	return tlog.ParseTree([]byte("go.sum database tree\n" + rest))
}

// checkTiles builds the tree anew from the entries, and compares the root and each tile.
func checkTiles(log folder, tree tlog.Tree) error {
	hashes, err := hashEntries(log, tree.N)
	if err != nil {
		return err
	}
	root, err := tlog.TreeHash(tree.N, hashes)
	if err != nil {
		return err
	}
	if root != tree.Hash {
		return fmt.Errorf("the entries lead to %v, the checkpoint says %v", root, tree.Hash)
	}
	for _, tile := range allTiles(tree.N) {
		want, err := tlog.ReadTileData(tile, hashes)
		if err != nil {
			return err
		}
		found, err := log.read(tile)
		if err != nil {
			return err
		}
		if !bytes.Equal(want, found) {
			return fmt.Errorf("%s has other hashes", c2spPath(tile))
		}
	}
	return nil
}

func hashEntries(log folder, size int64) (hashes stored, err error) {
	for n := int64(0); n < size; {
		width := size - n
		if width > 1<<height {
			width = 1 << height
		}
		entries, err := log.entries(n>>height, int(width))
		if err != nil {
			return nil, err
		}
		for _, entry := range entries {
			if hashes, err = hashes.add(n, entry); err != nil {
				return nil, err
			}
			n++
		}
	}
	return hashes, nil
}

// allTiles lists the tiles of a tree; of partial ones only the widest in each place, which C2SP asks for.
func allTiles(size int64) (found []tlog.Tile) {
	for _, tile := range tlog.NewTiles(height, 0, size) {
		if left := size>>(height*tile.L) - tile.N<<height; tile.W == 1<<height || int64(tile.W) == left {
			found = append(found, tile)
		}
	}
	return found
}

func checkInclusion(said claims, tree tlog.Tree, reader tlog.HashReader) error {
	for _, one := range said.Inclusion {
		hash := tlog.RecordHash(one.Entry)
		if err := tlog.CheckRecord(one.Path, tree.N, tree.Hash, one.Index, hash); err != nil {
			return fmt.Errorf("entry %d: %w", one.Index, err)
		}
		ours, err := tlog.ProveRecord(tree.N, one.Index, reader)
		if err != nil {
			return fmt.Errorf("entry %d: %w", one.Index, err)
		}
		if fmt.Sprint(ours) != fmt.Sprint(one.Path) {
			return fmt.Errorf("entry %d: Go makes another proof", one.Index)
		}
	}
	return nil
}

func checkConsistency(said claims, tree tlog.Tree, reader tlog.HashReader) error {
	for _, old := range said.Consistency {
		if err := tlog.CheckTree(old.Path, tree.N, tree.Hash, old.Size, old.Root); err != nil {
			return fmt.Errorf("size %d: %w", old.Size, err)
		}
		ours, err := tlog.ProveTree(tree.N, old.Size, reader)
		if err != nil {
			return fmt.Errorf("size %d: %w", old.Size, err)
		}
		if fmt.Sprint(ours) != fmt.Sprint(old.Path) {
			return fmt.Errorf("size %d: Go makes another proof", old.Size)
		}
	}
	return nil
}
