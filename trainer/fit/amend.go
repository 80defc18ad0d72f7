package fit

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"

	"rakam/trainer/report"
)

// Amend adds to the report and the card of the version in dir what its model
// scores on drawn digits, and on drawings that are no digits, in place of what was
// there; either may be nil, which changes nothing. A robustness on the same drawings,
// which are those that read the same, and their calibration error before the model was
// calibrated stay where they were not measured again. It refuses the scores of another
// model file than the report's.
func Amend(dir string, digits *report.Report, others *report.Others) error {
	path := filepath.Join(dir, ReportFile)
	b, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var rep report.Report
	if err := json.Unmarshal(b, &rep); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if digits != nil {
		if digits.ModelSHA256 != rep.ModelSHA256 {
			return otherModel(path)
		}
		added := *digits
		if old := rep.Drawn; old != nil && old.Dataset == added.Dataset && old.Confusion == added.Confusion {
			keepUnmeasured(&added, old)
		}
		rep.Drawn = &added
	}
	if others != nil {
		if others.ModelSHA256 != rep.ModelSHA256 {
			return otherModel(path)
		}
		rep.Others = others
	}
	if b, err = encodeJSON(&rep); err != nil {
		return err
	}
	if err := WriteFile(path, b); err != nil {
		return err
	}
	return amendCard(filepath.Join(dir, CardFile), &rep) // last, so that it claims nothing the report lacks
}

// keepUnmeasured copies from the scores of before what was not measured again.
func keepUnmeasured(added, old *report.Report) {
	if added.Robustness == nil {
		added.Robustness = old.Robustness
	}
	if added.Calibration.Before == nil {
		added.Calibration.Before = old.Calibration.Before
	}
}

func otherModel(path string) error {
	return fmt.Errorf("%s is the report of another model file: measure the one it lies beside", path)
}

// The headings of the card between which the scores on drawings stand.
var (
	drawnHeading = regexp.MustCompile(`(?m)^## On (drawings|drawn digits)$`) // the second one in cards of before
	nextHeading  = []byte("## Training\n")
)

// amendCard puts the scores on drawings where renderCard does.
func amendCard(path string, rep *report.Report) error {
	card, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	at := bytes.Index(card, nextHeading)
	if at < 0 {
		return fmt.Errorf("%s has no heading %q to put the scores before", path, bytes.TrimSpace(nextHeading))
	}
	before, rest := card[:at], card[at:]
	if old := drawnHeading.FindIndex(before); old != nil {
		before = before[:old[0]]
	}
	var section bytes.Buffer
	if err := cardTemplate.ExecuteTemplate(&section, "drawn", rep); err != nil {
		return err
	}
	return WriteFile(path, bytes.Join([][]byte{before, section.Bytes(), rest}, nil))
}
