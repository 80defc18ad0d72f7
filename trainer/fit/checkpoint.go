package fit

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/gob"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"time"

	"rakam/trainer/graph"
	"rakam/trainer/recipe"
	"rakam/trainer/report"
	"rakam/wasm/nn"
)

// Position is where a run stands, to the batch. The order of the images follows
// from the seed and the epoch, so it is not kept.
type Position struct {
	History []report.Epoch // of the epochs done
	Step    int            // batches done in the current epoch, those of all networks
	LossSum float64        // over the images of those batches
	Correct int
	Seen    int     // images of those batches
	Digits  int     // of these; the others are no digit
	Seconds float64 // spent in the current epoch
}

// accuracy is the share of the digits that were read correctly.
func (p Position) accuracy() float64 { return float64(p.Correct) / float64(max(p.Digits, 1)) }

// spent is how long the run has taken so far.
func (p Position) spent() time.Duration {
	seconds := p.Seconds
	for _, e := range p.History {
		seconds += e.Seconds
	}
	return time.Duration(seconds * float64(time.Second))
}

// checkpoint is all that a run needs to go on. On disk: SHA-256, then gob.
type checkpoint struct {
	Version  int
	Recipe   recipe.Recipe
	DataHash string
	Drawings *Drawings
	Position Position
	States   []graph.State // one for each network
	Kept     *kept
	Teacher  string // fingerprint of its weights, "" for none
	Backend  string // its name
}

const checkpointVersion = 4

// ErrCheckpoint is wrapped by what is wrong with a checkpoint.
var ErrCheckpoint = errors.New("cannot resume")

// ErrUnsaved is wrapped by what keeps a checkpoint from being written.
var ErrUnsaved = errors.New("the checkpoint could not be written, so this run cannot be resumed from here")

func (r *run) checkpoint() error {
	if r.Checkpoint == nil {
		return nil
	}
	b, err := r.encoded()
	if err == nil {
		err = r.Checkpoint.Save(r.at, b)
	}
	if err != nil {
		return fmt.Errorf("%w: %w", ErrUnsaved, err)
	}
	r.saved = time.Now()
	return nil
}

// encoded returns the checkpoint of the run as it stands.
func (r *run) encoded() ([]byte, error) {
	states, err := r.states()
	if err != nil {
		return nil, err
	}
	return checkpoint{
		Version: checkpointVersion, Recipe: r.Recipe, DataHash: r.Data.Hash, Drawings: r.Data.Drawings,
		Position: r.at, States: states, Kept: r.kept, Teacher: fingerprint(r.Config.Teacher), Backend: r.Backend.Name(),
	}.encode()
}

// encode returns cp as it is kept.
func (cp checkpoint) encode() ([]byte, error) {
	var buf bytes.Buffer
	if err := gob.NewEncoder(&buf).Encode(cp); err != nil {
		return nil, err
	}
	sum := sha256.Sum256(buf.Bytes())
	return append(sum[:], buf.Bytes()...), nil
}

// fingerprint is the SHA-256 of a model's spec and weights, "" of none.
func fingerprint(m *nn.Model) string {
	if m == nil {
		return ""
	}
	h := sha256.New()
	fmt.Fprintln(h, m.Spec)
	for _, p := range m.Params {
		for _, values := range [][]float32{p.Weight, p.Bias} {
			for _, v := range values {
				h.Write(binary.LittleEndian.AppendUint32(nil, math.Float32bits(v)))
			}
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Checkpoint keeps the progress of one run.
type Checkpoint interface {
	Save(at Position, b []byte) error // replaces what is kept, in full or not at all
	Load() ([]byte, error)            // fs.ErrNotExist when nothing is kept
	String() string                   // names the place, for messages
}

// CheckpointFile is a checkpoint in the file of that name.
type CheckpointFile string

// Save writes the file.
func (f CheckpointFile) Save(_ Position, b []byte) error { return WriteFile(string(f), b) }

// Load reads the file.
func (f CheckpointFile) Load() ([]byte, error) { return os.ReadFile(string(f)) }

func (f CheckpointFile) String() string { return string(f) }

func loadCheckpoint(from Checkpoint) (*checkpoint, error) {
	b, err := from.Load()
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w: there is no checkpoint at %s: start from the beginning", ErrCheckpoint, from)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrCheckpoint, err)
	}
	damaged := fmt.Errorf("%w: the checkpoint %s is damaged: delete it and start again", ErrCheckpoint, from)
	if len(b) < sha256.Size || sha256.Sum256(b[sha256.Size:]) != [sha256.Size]byte(b[:sha256.Size]) {
		return nil, damaged
	}
	var cp checkpoint
	if err := gob.NewDecoder(bytes.NewReader(b[sha256.Size:])).Decode(&cp); err != nil {
		return nil, damaged
	}
	if cp.Version != checkpointVersion {
		return nil, fmt.Errorf("%w: the checkpoint %s has version %d, this program reads %d: finish the run with the release that began it", ErrCheckpoint, from, cp.Version, checkpointVersion)
	}
	return &cp, nil
}

// matches says why cp cannot continue a run of that configuration, or nil. Epochs
// may differ: a run can be made longer, unless its learning rate follows them.
func (cp *checkpoint) matches(c Config) error {
	r := c.Recipe
	longer := cp.Recipe
	if r.Schedule == recipe.Constant {
		longer.Epochs = r.Epochs
	}
	if longer.JSON() != r.JSON() {
		return fmt.Errorf("%w: the checkpoint belongs to another configuration, with %s: give the same flags as then", ErrCheckpoint, longer.Difference(r))
	}
	if cp.Teacher != fingerprint(c.Teacher) {
		return fmt.Errorf("%w: the checkpoint learned from another version called %s than this program ships: finish the run with the release that began it, or start again", ErrCheckpoint, r.Teacher)
	}
	if cp.Backend != c.Backend.Name() {
		return fmt.Errorf("%w: the checkpoint was trained by the backend %q, this is %q: set GOMLX_BACKEND as it was then", ErrCheckpoint, cp.Backend, c.Backend.Name())
	}
	if cp.DataHash != c.Data.Hash {
		return fmt.Errorf("%w: the checkpoint was trained on other data: give the same --strokes as then", ErrCheckpoint)
	}
	begun := len(cp.Position.History)
	if cp.Position.Step > 0 {
		begun++ // its weights have moved on from those of the last epoch that ended
	}
	if begun > r.Epochs {
		return fmt.Errorf("%w: the checkpoint is in epoch %d already, more than the %d asked for", ErrCheckpoint, begun, r.Epochs)
	}
	return nil
}
