// Package report measures a model: what a classification report says, with the
// uncertainty of each number.
package report

import (
	"rakam/wasm/nn"
	"rakam/wasm/reader"
)

// MNISTTest is the Dataset of a report on MNIST's 10,000 test images.
const MNISTTest = "mnist-test"

// Report is everything measured about a version on one set of labelled images.
// Its JSON has the shape of scikit-learn's classification_report(output_dict=True),
// with the classes gathered under "classes", and more beside it.
type Report struct {
	Model       string `json:"model"`        // name of the version, as in "seed"
	ModelSHA256 string `json:"model_sha256"` // of the file measured, in hex
	Dataset     string `json:"dataset"`      // what it was measured on, as MNISTTest
	Samples     int    `json:"samples"`

	Accuracy         float64    `json:"accuracy"`          // 0..1
	AccuracyInterval [2]float64 `json:"accuracy_interval"` // 95 % Wilson score interval
	Loss             float64    `json:"loss"`              // binary cross-entropy, mean over outputs and samples

	Confusion   [nn.Classes][nn.Classes]int `json:"confusion"` // row true, column predicted
	Classes     map[string]ClassScore       `json:"classes"`   // "0" to "9"
	MacroAvg    ClassScore                  `json:"macro avg"`
	WeightedAvg ClassScore                  `json:"weighted avg"`

	Calibration Calibration `json:"calibration"`
	Undisputed  *Subset     `json:"undisputed,omitempty"` // MNIST's test set without the labels people judged wrong
	Mistakes    []Mistake   `json:"mistakes"`             // every misread sample, in the order of the data

	// What a set of drawings adds; see EvaluateDrawn.
	Writers  *Writers                 `json:"writers,omitempty"`  // nil where no drawing names its writer
	Verdicts map[reader.Verdict]Tally `json:"verdicts,omitempty"` // those that were given
	Credit   string                   `json:"credit,omitempty"`   // to whom the drawings are owed

	Robustness []Variation `json:"robustness,omitempty"` // the same drawings changed; see EvaluateRobustness

	// What a version's report on MNIST adds: the same file, measured on more.
	Drawn  *Report `json:"drawn,omitempty"`  // on drawn digits
	Others *Others `json:"others,omitempty"` // on drawings that are no digits
}

// Score is the headline of a report.
type Score struct {
	Dataset          string     `json:"dataset"`
	Samples          int        `json:"samples"`
	Accuracy         float64    `json:"accuracy"`
	AccuracyInterval [2]float64 `json:"accuracy_interval"`
}

// Score returns r's headline, nil for no report.
func (r *Report) Score() *Score {
	if r == nil {
		return nil
	}
	return &Score{r.Dataset, r.Samples, r.Accuracy, r.AccuracyInterval}
}

// ClassScore is how one digit is read.
type ClassScore struct {
	Precision float64 `json:"precision"` // 0 where nothing was read as this digit
	Recall    float64 `json:"recall"`    // 0 where the data has none of this digit
	F1        float64 `json:"f1-score"`
	Support   int     `json:"support"` // samples that are this digit
}

// Calibration compares what the model claims with what it keeps.
type Calibration struct {
	ECE float64 `json:"ece"` // expected calibration error of the top probability, 0..1
	// Before is the ECE of the weights as they were trained; nil where they were
	// not calibrated after that.
	Before *float64 `json:"ece_before,omitempty"`
	Bins   []Bin    `json:"bins"` // equal widths over 0..1, empty ones included
}

// Bin is one bar of a reliability diagram.
type Bin struct {
	From       float64 `json:"from"` // top probability, inclusive
	To         float64 `json:"to"`
	Count      int     `json:"count"`
	Confidence float64 `json:"confidence"` // mean top probability
	Accuracy   float64 `json:"accuracy"`
}

// Subset is the score on a part of the data.
type Subset struct {
	Samples          int        `json:"samples"`
	Accuracy         float64    `json:"accuracy"`
	AccuracyInterval [2]float64 `json:"accuracy_interval"`
}

// Mistake is one misread sample.
type Mistake struct {
	Index       int     `json:"index"`        // 0-based, in the data
	ID          string  `json:"id,omitempty"` // of the drawing
	True        int     `json:"true"`
	Predicted   int     `json:"predicted"`
	Probability float64 `json:"probability"` // claimed for Predicted
}

// Epoch is one entry of a run's history, by Keras' names.
type Epoch struct {
	Epoch       int     `json:"epoch"` // from 1
	Loss        float64 `json:"loss"`  // mean over the epoch's batches, while training
	Accuracy    float64 `json:"accuracy"`
	ValLoss     float64 `json:"val_loss"` // on the watched data, after the epoch
	ValAccuracy float64 `json:"val_accuracy"`
	Seconds     float64 `json:"seconds"`
}

// CalibratedFrom notes in r what the same model scored before it was calibrated.
func (r *Report) CalibratedFrom(before *Report) {
	r.Calibration.Before = &before.Calibration.ECE
	if r.Drawn != nil && before.Drawn != nil {
		r.Drawn.Calibration.Before = &before.Drawn.Calibration.ECE
	}
}
