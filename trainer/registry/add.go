package registry

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nuid"

	"rakam/trainer/fit"
	"rakam/trainer/jet"
)

// record is a version as it is stored. Its files lie in a folder of the object
// store that no other record ever names; the record is written after them, and
// with it the version is there.
type record struct {
	Version
	Folder  string    `json:"folder"`
	Deleted time.Time `json:"deleted,omitzero"` // since when only its readers need the files
}

// Add keeps the files of a run as a version. The same model file is the same
// version: adding it again changes nothing, unless the store has lost a file of
// it, which is then written again. It fails with ErrInvalid or ErrNoSpace.
func (r *Registry) Add(ctx context.Context, f Files, run string) (Version, error) {
	if err := r.stored(); err != nil {
		return Version{}, err
	}
	v, err := describe(f)
	if err != nil {
		return Version{}, err
	}
	v.Run = run
	old, revision, err := r.record(ctx, v.ID)
	if err == nil {
		if old.SHA256 != v.SHA256 {
			return Version{}, fmt.Errorf("the model is %w: version %s is another one with the same first digits of SHA-256; train with another seed", ErrInvalid, v.ID)
		}
		if r.checkFiles(ctx, old) == nil {
			return old.Version, nil
		}
		v.Created, v.Run = old.Created, old.Run
	} else if !errors.Is(err, ErrNotFound) && !errors.Is(err, ErrDamaged) {
		return Version{}, err
	}
	rec := record{Version: v, Folder: nuid.Next()}
	err = r.writeFiles(ctx, rec.Folder, f)
	if jet.Full(err) && r.sweep(ctx, 0) == nil {
		err = r.writeFiles(ctx, rec.Folder, f)
	}
	if err != nil {
		return Version{}, explain(errors.Join(err, r.sweepFolder(ctx, rec.Folder)))
	}
	if _, err := r.writeRecord(ctx, rec, revision); err != nil {
		return r.lostRace(ctx, rec, err)
	}
	r.tidy(ctx)
	return v, nil
}

// lostRace returns the version that another process added meanwhile; if it is
// not the same, the error is one of the store.
func (r *Registry) lostRace(ctx context.Context, ours record, err error) (Version, error) {
	theirs, _, again := r.record(ctx, ours.ID)
	if again == nil && theirs.SHA256 == ours.SHA256 {
		if theirs.Folder == ours.Folder { // it was written, only the answer was lost
			return ours.Version, nil
		}
		err = nil
	}
	return theirs.Version, explain(errors.Join(err, r.sweepFolder(ctx, ours.Folder)))
}

// writeFiles writes all files of a version into its folder.
func (r *Registry) writeFiles(ctx context.Context, folder string, f Files) error {
	for name, data := range map[string][]byte{
		fit.ModelFile: f.Model, fit.ReportFile: f.Report, fit.HistoryFile: f.History, fit.CardFile: f.Card,
	} {
		err := r.jet.Retry(ctx, func(ctx context.Context) error {
			_, err := r.files.PutBytes(ctx, folder+"/"+name, data)
			return err
		})
		if err != nil {
			return fmt.Errorf("writing %s: %w", name, err)
		}
	}
	return nil
}

// writeRecord replaces the record of that revision, 0 for none, and returns the
// new revision; a Conflict of package jet means that there is another by now.
func (r *Registry) writeRecord(ctx context.Context, rec record, revision uint64) (written uint64, err error) {
	b, err := json.Marshal(rec)
	if err != nil {
		return 0, err
	}
	err = r.jet.Retry(ctx, func(ctx context.Context) error {
		written, err = r.versions.Update(ctx, rec.ID, b, revision)
		return err
	})
	return written, err
}

// record returns a stored version and the revision of its record; the revision
// also with ErrNotFound for a deleted one, and with ErrDamaged.
func (r *Registry) record(ctx context.Context, id string) (record, uint64, error) {
	missing := fmt.Errorf("version %s %w: it may have been deleted", id, ErrNotFound)
	if r.jet == nil {
		return record{}, 0, missing
	}
	var e jetstream.KeyValueEntry
	err := r.jet.Retry(ctx, func(ctx context.Context) (err error) {
		e, err = r.versions.Get(ctx, id)
		return err
	})
	switch {
	case errors.Is(err, jetstream.ErrKeyNotFound), errors.Is(err, jetstream.ErrInvalidKey):
		return record{}, 0, missing
	case err != nil:
		return record{}, 0, err
	}
	rec, err := parseRecord(e.Key(), e.Value())
	if err == nil && !rec.Deleted.IsZero() {
		err = missing
	}
	return rec, e.Revision(), err
}

func parseRecord(key string, value []byte) (record, error) {
	var rec record
	err := json.Unmarshal(value, &rec)
	if err == nil && (rec.ID != key || rec.Folder == "") {
		err = errors.New("it is of another version")
	}
	if err != nil {
		return record{}, fmt.Errorf("the record of version %s is %w: %w; delete the version", key, ErrDamaged, err)
	}
	return rec, nil
}
