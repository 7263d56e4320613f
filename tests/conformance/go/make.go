package main

import (
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// makeLog writes a log of so many entries, signed by a fresh key, and returns the verifier key.
func makeLog(root, origin string, size int64) (string, error) {
	log := folder(root)
	var hashes stored
	var err error
	bundle := []byte{}
	for n := int64(0); n < size; n++ {
		entry := []byte(fmt.Sprintf("entry %d", n))
		if hashes, err = hashes.add(n, entry); err != nil {
			return "", err
		}
		bundle = append(binary.BigEndian.AppendUint16(bundle, uint16(len(entry))), entry...)
		if width := int(n&(1<<height-1)) + 1; width == 1<<height || n == size-1 {
			tile := tlog.Tile{H: height, L: -1, N: n >> height, W: width}
			if err := log.write(c2spPath(tile), bundle); err != nil {
				return "", err
			}
			bundle = bundle[:0]
		}
	}
	if err := writeTiles(log, size, hashes); err != nil {
		return "", err
	}
	return writeCheckpoint(log, origin, size, hashes)
}

func writeTiles(log folder, size int64, hashes stored) error {
	for _, tile := range allTiles(size) {
		data, err := tlog.ReadTileData(tile, hashes)
		if err != nil {
			return err
		}
		if err := log.write(c2spPath(tile), data); err != nil {
			return err
		}
	}
	return nil
}

func writeCheckpoint(log folder, origin string, size int64, hashes stored) (string, error) {
	root, err := tlog.TreeHash(size, hashes)
	if err != nil {
		return "", err
	}
	secret, public, err := note.GenerateKey(rand.Reader, origin)
	if err != nil {
		return "", err
	}
	signer, err := note.NewSigner(secret)
	if err != nil {
		return "", err
	}
	text := string(tlog.FormatTree(tlog.Tree{N: size, Hash: root}))
	text = strings.Replace(text, "go.sum database tree", origin, 1)
	signed, err := note.Sign(&note.Note{Text: text}, signer)
	if err != nil {
		return "", err
	}
	return public, log.write("checkpoint", signed)
}
