package main

import (
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

// C2SP fixes the height of tiles; Go's own paths still name it.
const height = 8

// c2spPath turns Go's tile/8/<level>/<n> into C2SP's tile/<level>/<n>, and its "data" into "entries".
func c2spPath(tile tlog.Tile) string {
	path := strings.Replace(tile.Path(), fmt.Sprintf("tile/%d/", height), "tile/", 1)
	return strings.Replace(path, "tile/data/", "tile/entries/", 1)
}

// folder is a log's folder as a tlog.TileReader. What it reads nobody has checked yet.
type folder string

func (f folder) Height() int { return height }

func (f folder) SaveTiles([]tlog.Tile, [][]byte) {}

func (f folder) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	found := make([][]byte, len(tiles))
	for i, tile := range tiles {
		data, err := f.read(tile)
		if err != nil {
			return nil, err
		}
		if len(data) != tile.W*tlog.HashSize {
			return nil, fmt.Errorf("%s has %d bytes", c2spPath(tile), len(data))
		}
		found[i] = data
	}
	return found, nil
}

// entries reads a bundle: each entry after its length in two bytes.
func (f folder) entries(n int64, width int) ([][]byte, error) {
	tile := tlog.Tile{H: height, L: -1, N: n, W: width}
	data, err := f.read(tile)
	if err != nil {
		return nil, err
	}
	var found [][]byte
	for len(data) > 0 {
		if len(data) < 2 || len(data) < 2+int(binary.BigEndian.Uint16(data)) {
			return nil, fmt.Errorf("%s is cut off", c2spPath(tile))
		}
		end := 2 + int(binary.BigEndian.Uint16(data))
		found, data = append(found, data[2:end]), data[end:]
	}
	if len(found) != width {
		return nil, fmt.Errorf("%s has %d entries, not %d", c2spPath(tile), len(found), width)
	}
	return found, nil
}

func (f folder) read(tile tlog.Tile) ([]byte, error) {
	return os.ReadFile(filepath.Join(string(f), c2spPath(tile)))
}

func (f folder) write(path string, data []byte) error {
	where := filepath.Join(string(f), path)
	if err := os.MkdirAll(filepath.Dir(where), 0o755); err != nil {
		return err
	}
	return os.WriteFile(where, data, 0o644)
}

// stored keeps all hashes of a tree in memory, in the order of Go's storage indexes.
type stored []tlog.Hash

func (s stored) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	found := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		if index >= int64(len(s)) {
			return nil, fmt.Errorf("the tree has no hash %d", index)
		}
		found[i] = s[index]
	}
	return found, nil
}

// add appends the hashes that the n-th entry completes.
func (s stored) add(n int64, entry []byte) (stored, error) {
	hashes, err := tlog.StoredHashes(n, entry, s)
	return append(s, hashes...), err
}
