package jet

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/minio/highwayhash"
)

// A block file of the server (nats-server, server/filestore.go) is records, one
// after the other, integers in little endian:
//
//	0  uint32 length of the record; the highest bit says that headers follow
//	4  uint64 sequence
//	12 int64  nanoseconds since 1970
//	20 uint16 length of the subject
//	22 subject, [uint32 length of the headers, headers,] message
//	   uint64 HighwayHash of all of this but the lengths
const (
	recordHeader = 22
	recordSum    = 8
	headersBit   = 1 << 31
	maxRecord    = 32 << 20
)

// verify checks every record of every block before the server does: where one is
// bad, the server cuts the block off there, for ever, and only logs it. A record
// that was being written when the process was killed is no damage; nobody was
// told that it is there.
func verify(dir string) error {
	if err := verifySizes(dir); err != nil {
		return err
	}
	streams, err := filepath.Glob(filepath.Join(streamsDir(dir), "[^.]*"))
	if err != nil {
		return err
	}
	for _, s := range streams {
		files, err := filepath.Glob(filepath.Join(s, "msgs", "*.blk"))
		if err != nil {
			return err
		}
		last := 0
		for _, f := range files {
			last = max(last, blockNumber(f))
		}
		for _, f := range files {
			if err := verifyBlock(f, filepath.Base(s), blockNumber(f) == last); err != nil {
				return damaged(dir, err)
			}
		}
	}
	return nil
}

func damaged(dir string, err error) *OpenError {
	return &OpenError{Damaged, dir, err, "nothing was changed: put the file back from a backup, or move its stream's folder away to begin without what it holds"}
}

func blockNumber(file string) int {
	n, _ := strconv.Atoi(strings.TrimSuffix(filepath.Base(file), ".blk"))
	return n
}

// verifyBlock checks one block; only the last one of a stream may end in a
// record that is half written.
func verifyBlock(file, stream string, last bool) error {
	b, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	key := sha256.Sum256(fmt.Appendf(nil, "%s-%d", stream, blockNumber(file)))
	for at := 0; at < len(b); {
		n := record(b[at:], key[:])
		if n == 0 {
			if last && halfWritten(b[at:]) {
				return nil
			}
			return fmt.Errorf("%s is damaged at byte %d", file, at)
		}
		at += n
	}
	return nil
}

// record returns the length of the intact record that b begins with, or 0.
func record(b, key []byte) int {
	if len(b) < recordHeader+recordSum {
		return 0
	}
	length := binary.LittleEndian.Uint32(b)
	n, subject := int(length&^headersBit), int(binary.LittleEndian.Uint16(b[20:]))
	text := recordHeader + subject
	if length&headersBit != 0 {
		text += 4
	}
	if n > len(b) || n > maxRecord || text > n-recordSum {
		return 0
	}
	h, err := highwayhash.NewDigest64(key)
	if err != nil {
		return 0 // a key of another size than 32 bytes
	}
	h.Write(b[4:20])
	h.Write(b[recordHeader : recordHeader+subject])
	h.Write(b[text : n-recordSum])
	if !bytes.Equal(h.Sum(nil), b[n-recordSum:n]) {
		return 0
	}
	return n
}

// halfWritten reports whether b, the bad end of a block, is the beginning of a
// record: one that would go on behind the end, or whose end was never filled.
func halfWritten(b []byte) bool {
	if len(bytes.Trim(b, "\x00")) == 0 || len(b) < recordHeader {
		return true
	}
	n := int(binary.LittleEndian.Uint32(b) &^ headersBit)
	age := time.Since(time.Unix(0, int64(binary.LittleEndian.Uint64(b[12:]))))
	if n > maxRecord || age < -24*time.Hour || age > 100*365*24*time.Hour {
		return false
	}
	return n > len(b) || n == len(b) && len(bytes.Trim(b[max(0, n-recordSum):], "\x00")) == 0
}

// sizesFile is written when a store is closed in order and removed when it is
// opened: the size in bytes of every block. What is shorter then was cut off.
const sizesFile = "closed.json"

// writeSizes is called when the server has stopped.
func writeSizes(dir string) error {
	files, err := filepath.Glob(filepath.Join(streamsDir(dir), "[^.]*", "msgs", "*.blk"))
	if err != nil {
		return err
	}
	sizes := map[string]int64{}
	for _, f := range files {
		i, err := os.Stat(f)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(streamsDir(dir), f)
		if err != nil {
			return err
		}
		sizes[filepath.ToSlash(name)] = i.Size()
	}
	b, err := json.MarshalIndent(sizes, "", " ")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, sizesFile), b, 0o600)
}

// verifySizes compares the blocks with what they were when the store was closed.
// A stream that was taken away as a whole is taken as meant.
func verifySizes(dir string) error {
	b, err := os.ReadFile(filepath.Join(dir, sizesFile))
	var sizes map[string]int64
	if err != nil || json.Unmarshal(b, &sizes) != nil { // not closed in order
		return nil
	}
	for name, size := range sizes {
		stream, _, _ := strings.Cut(name, "/")
		if _, err := os.Stat(filepath.Join(streamsDir(dir), stream)); errors.Is(err, fs.ErrNotExist) {
			continue
		}
		file := filepath.Join(streamsDir(dir), filepath.FromSlash(name))
		i, err := os.Stat(file)
		if err != nil {
			return damaged(dir, err)
		}
		if i.Size() != size {
			return damaged(dir, fmt.Errorf("%s has %d bytes, and had %d when the store was closed", file, i.Size(), size))
		}
	}
	return nil
}

// forgetSizes is called before the server starts to write. The file is emptied
// on the disk first: sizes that came back with a power cut would be wrong.
func forgetSizes(dir string) error {
	f, err := os.OpenFile(filepath.Join(dir, sizesFile), os.O_WRONLY|os.O_TRUNC, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close(), os.Remove(f.Name()))
}
