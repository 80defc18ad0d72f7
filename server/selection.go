package main

import (
	"fmt"
	"net/url"
	"strconv"

	"rakam/trainer/report"
	"rakam/wasm/nn"
)

// A selection is the mistakes of one cell, one row or one column of a confusion
// matrix; the zero value is none.
type selection struct {
	Kind            string // "cell", "row", "column", or "" for none
	True, Predicted int    // meaningful as Kind says, 0 otherwise
}

func cellOf(truth, predicted int) selection { return selection{"cell", truth, predicted} }
func rowOf(truth int) selection             { return selection{"row", truth, 0} }
func columnOf(predicted int) selection      { return selection{"column", 0, predicted} }

// parseSelection reads a selection from the query that address writes.
func parseSelection(query url.Values) (selection, error) {
	truth, hasTrue, err := digitParam(query, "true")
	if err != nil {
		return selection{}, err
	}
	predicted, hasPredicted, err := digitParam(query, "predicted")
	if err != nil {
		return selection{}, err
	}
	switch {
	case hasTrue && hasPredicted && truth == predicted:
		return selection{}, problem("bad-request", fmt.Sprintf("A %d read as %d is no mistake.", truth, truth), "true and predicted are two different digits.")
	case hasTrue && hasPredicted:
		return cellOf(truth, predicted), nil
	case hasTrue:
		return rowOf(truth), nil
	case hasPredicted:
		return columnOf(predicted), nil
	}
	return selection{}, nil
}

func digitParam(query url.Values, name string) (digit int, given bool, err error) {
	text := query.Get(name)
	if text == "" {
		return 0, false, nil
	}
	digit, err = strconv.Atoi(text)
	if err != nil || digit < 0 || digit >= nn.Classes {
		return 0, false, problem("bad-request", fmt.Sprintf("The address asks for %s=%q.", name, text), name+" is a digit, 0 to 9.")
	}
	return digit, true, nil
}

// holds reports whether m is one of the selected mistakes.
func (s selection) holds(m report.Mistake) bool {
	switch s.Kind {
	case "cell":
		return m.True == s.True && m.Predicted == s.Predicted
	case "row":
		return m.True == s.True
	case "column":
		return m.Predicted == s.Predicted
	}
	return false
}

// An address is a link on the same page: a query and a fragment.
type address string

// A look is what a confusion page shows, and how.
type look struct {
	View string // viewCounts or viewPercent
	Data string // dataTest or dataDrawn
}

// address is where the selection is shown in this look.
func (s selection) address(l look) address {
	query := url.Values{"view": {l.View}}
	if l.Data == dataDrawn {
		query.Set("data", l.Data)
	}
	if s.Kind == "cell" || s.Kind == "row" {
		query.Set("true", strconv.Itoa(s.True))
	}
	if s.Kind == "cell" || s.Kind == "column" {
		query.Set("predicted", strconv.Itoa(s.Predicted))
	}
	return address("?" + query.Encode())
}

// pictures is where the pictures of the selection are, in this look.
func (s selection) pictures(l look) address { return s.address(l) + "#pictures" }
