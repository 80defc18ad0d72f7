package main

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"rakam/server/locale"
	"rakam/trainer/drawn"
	"rakam/trainer/registry"
	"rakam/trainer/runs"
	"rakam/wasm/ink"
)

// correctionsPage is what corrections.html shows: one's own corrections, read
// again by the champion or the version asked for, and for the administrator everybody's.
type correctionsPage struct {
	Admin       bool
	HasStore    bool
	Reader      string
	Challenger  bool // Reader is not the champion
	Own         []correctionCard
	OwnAll      int      // how many there are, of which Own are the newest
	Before      int      // of Own read as what they are, when they were corrected
	After       int      // and now
	Damaged     []string // IDs of those that can't be read, for the administrator to delete
	Waiting     []correctionCard
	Pending     int
	Others      []correctionCard // approved ones that are not one's own
	Approved    int              // of others
	Train, Held int              // that count: to train on, and for the gate
	Import      *importResult
}

// correctionCard is a correction as it is shown.
type correctionCard struct {
	ID            string
	Label         int // -1 for what is no digit
	Picture       drawingPicture
	Before, After cardReading
	Pending, Held bool
	Own           bool
	Reader        string // of After, "" for the champion
	Created       stamp
}

// Kind is the end of the name of a text about it.
func (c correctionCard) Kind() string {
	if c.Label == drawn.Unlabelled {
		return "none"
	}
	return "digit"
}

// cardReading is what was read.
type cardReading struct {
	Kind        string // "read", "nothing" for no digit, "unread"
	Digit       int
	Probability float64
	Right       bool
}

// drawingPicture is a drawing for an SVG with a viewBox of pictureSide.
type drawingPicture struct {
	Side  int
	Lines []string // "points" of polylines
}

// importResult says what became of a stroke file.
type importResult struct {
	Added  int
	Detail string // "" when all of it was taken
}

const (
	pictureSide = 100
	pictureEdge = 12  // left free around the ink
	mostShown   = 100 // of one kind
)

// correctionsPage answers GET /corrections[?model=VERSION].
func (s *site) correctionsPage(c echo.Context) error {
	return s.showCorrections(c, http.StatusOK, nil)
}

// changeCorrections answers POST /corrections with action delete, what is one's own;
// or, by the administrator, reject, approve or import.
func (s *site) changeCorrections(c echo.Context) error {
	if err := s.store(); err != nil {
		return err
	}
	if err := s.readCorrectionsForm(c); err != nil {
		return err
	}
	action, ctx := c.FormValue("action"), c.Request().Context()
	switch action {
	case "delete":
		err := s.registry().DeleteCorrection(ctx, c.FormValue("id"), cmp.Or(s.knownAuthor(c), nobody))
		if err != nil && !errors.Is(err, registry.ErrNotFound) { // gone is gone
			return err
		}
	case "reject":
		if err := s.requireAdmin(c); err != nil {
			return err
		}
		if err := s.registry().DeleteCorrection(ctx, c.FormValue("id"), ""); err != nil && !errors.Is(err, registry.ErrNotFound) {
			return err
		}
	case "approve":
		if err := s.requireAdmin(c); err != nil {
			return err
		}
		if _, err := s.registry().Approve(ctx, c.FormValue("id")); err != nil && !errors.Is(err, registry.ErrNotFound) {
			return err
		}
	case "import":
		return s.takeStrokeFile(c)
	default:
		return problem("bad-request", "The form asks for something else than delete, reject, approve or import.", "")
	}
	s.announce(c.Request().Context(), runs.KindCorrections)
	return c.Redirect(http.StatusSeeOther, c.Request().URL.RequestURI())
}

// readCorrectionsForm parses the form. It may hold a file if the administrator
// sends it: nobody else fills the memory and the disk.
func (s *site) readCorrectionsForm(c echo.Context) error {
	if !isMultipart(c.Request()) {
		return readForm(c, mostForm)
	}
	if err := s.requireAdmin(c); err != nil {
		return err
	}
	awaitImport(c)
	return readForm(c, mostImport+mostForm)
}

// takeStrokeFile adds the drawings of an uploaded file. They count at once: the
// administrator sends them.
func (s *site) takeStrokeFile(c echo.Context) error {
	if err := s.requireAdmin(c); err != nil {
		return err
	}
	upload, err := c.FormFile("file")
	if err != nil {
		return problem("bad-request", "The form holds no file.", "Choose a stroke file.")
	}
	if upload.Size > mostImport {
		return importTooLarge()
	}
	file, err := upload.Open()
	if err != nil {
		return err
	}
	defer file.Close()
	added, err := s.takeDrawings(c, file)
	if err == nil {
		return s.showCorrections(c, http.StatusOK, &importResult{Added: added})
	}
	p := asProblem(err, c.Request())
	if p.Status >= http.StatusInternalServerError { // no fault of the file
		return importProblem(added, p)
	}
	return s.showCorrections(c, p.Status, &importResult{added, p.Detail})
}

func (s *site) showCorrections(c echo.Context, status int, imported *importResult) error {
	page := correctionsPage{Admin: s.admin(c), HasStore: s.store() == nil, Import: imported}
	reader, err := s.versionByID(c.Request().Context(), c.QueryParam("model"))
	if err != nil {
		return err
	}
	page.Reader, page.Challenger = reader.ID, reader.ID != s.versions.Load().champion().ID
	if page.HasStore {
		if err := s.addOwn(c, &page, reader); err != nil {
			return err
		}
		if page.Admin {
			if err := s.addOthers(c, &page, reader); err != nil {
				return err
			}
		}
	}
	return s.renderStatus(c, status, "corrections.html", page)
}

func (s *site) addOwn(c echo.Context, page *correctionsPage, reader *version) error {
	author := s.knownAuthor(c)
	if author == "" {
		return nil
	}
	list, err := s.readableCorrections(c.Request().Context(), registry.Filter{Author: author})
	if err != nil {
		return err
	}
	page.OwnAll = len(list)
	for _, kept := range list[:min(len(list), mostShown)] {
		card := page.card(kept, reader, language(c))
		card.Own = true
		page.Own = append(page.Own, card)
		if card.Before.Right {
			page.Before++
		}
		if card.After.Right {
			page.After++
		}
	}
	return nil
}

// addOthers adds what only the administrator sees: the newest of what waits, of what
// others have sent and counts, and what can't be read.
func (s *site) addOthers(c echo.Context, page *correctionsPage, reader *version) error {
	list, err := s.registry().Corrections(c.Request().Context(), registry.Filter{})
	var damaged *registry.Unreadable
	if errors.As(err, &damaged) {
		page.Damaged = damaged.IDs[:min(len(damaged.IDs), mostShown)] // when they are deleted the rest follows
	} else if err != nil {
		return err
	}
	me, lang := s.knownAuthor(c), language(c)
	show := func(cards *[]correctionCard, count *int, kept registry.Correction) {
		if *count++; *count <= mostShown {
			*cards = append(*cards, page.card(kept, reader, lang))
		}
	}
	for _, kept := range list {
		switch {
		case kept.State == registry.Pending:
			show(&page.Waiting, &page.Pending, kept)
			continue
		case kept.HeldOut():
			page.Held++
		default:
			page.Train++
		}
		if me == "" || kept.Author != me {
			show(&page.Others, &page.Approved, kept)
		}
	}
	return nil
}

func (p *correctionsPage) card(kept registry.Correction, reader *version, lang locale.Lang) correctionCard {
	card := correctionCard{
		ID: kept.ID, Label: kept.Label, Picture: newDrawingPicture(kept.Strokes),
		Before:  newCardReading(kept.Reading, kept.Label),
		After:   newCardReading(keptReading(reader.read(kept.Strokes, kept.Side)), kept.Label),
		Pending: kept.State == registry.Pending, Held: kept.HeldOut(), Created: newStamp(lang, kept.Created),
	}
	if p.Challenger {
		card.Reader = p.Reader
	}
	return card
}

func newCardReading(r registry.Reading, label int) cardReading {
	switch {
	case r.Verdict == "":
		return cardReading{Kind: "unread"} // an imported drawing
	case r.Digit < 0:
		return cardReading{Kind: "nothing", Right: label == drawn.Unlabelled}
	}
	return cardReading{Kind: "read", Digit: r.Digit, Probability: float64(r.Probabilities[r.Digit]), Right: r.Digit == label}
}

// newDrawingPicture fits a drawing into a square, as it was drawn.
func newDrawingPicture(drawing ink.Drawing) drawingPicture {
	p := drawingPicture{Side: pictureSide}
	low, high := extent(drawing)
	side := max(high.X-low.X, high.Y-low.Y)
	scale := 0.0 // of a dot
	if side > 0 {
		scale = (pictureSide - 2*pictureEdge) / side
	}
	for _, stroke := range drawing {
		var b strings.Builder
		for _, at := range stroke {
			x := pictureSide/2 + (at.X-(low.X+high.X)/2)*scale
			y := pictureSide/2 + (at.Y-(low.Y+high.Y)/2)*scale
			fmt.Fprintf(&b, "%.1f,%.1f ", x, y)
		}
		if len(stroke) == 1 {
			b.WriteString(b.String()) // a line of two equal points is drawn as a dot
		}
		p.Lines = append(p.Lines, strings.TrimSpace(b.String()))
	}
	return p
}

// extent returns the corners of the box around a drawing.
func extent(drawing ink.Drawing) (low, high ink.Point) {
	first := true
	for _, stroke := range drawing {
		for _, at := range stroke {
			if first {
				low, high, first = at, at, false
			}
			low.X, low.Y = min(low.X, at.X), min(low.Y, at.Y)
			high.X, high.Y = max(high.X, at.X), max(high.Y, at.Y)
		}
	}
	return low, high
}
