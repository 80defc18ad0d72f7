package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/labstack/echo/v4"

	"rakam/server/encoded"
	"rakam/server/locale"
	"rakam/trainer/report"
)

// problemBody is a Problem as RFC 9457 writes it, with members of our own: what to
// do, the name the request has in the server's log, and what some kinds add.
type problemBody struct {
	Type     string `json:"type"`
	Title    string `json:"title"`
	Status   int    `json:"status"`
	Detail   string `json:"detail"`
	Hint     string `json:"hint"`
	Instance string `json:"instance"`
	Request  string `json:"request"`

	Field string             `json:"field,omitempty"` // the value that is wrong
	Gate  *report.Comparison `json:"gate,omitempty"`  // what speaks against a promotion
}

// errorData is what error.html shows, in the page's language.
type errorData struct {
	Status int
	Title  string
	Hint   string
}

// handleError is the one place where an error becomes an answer: a page for who
// reads pages, a problem document for everybody else.
func (s *site) handleError(err error, c echo.Context) {
	if clientLeft(err, c) {
		s.log.Debug("the client left", "error", err.Error(), "id", c.Response().Header().Get(requestIDHeader))
		c.Response().Status = statusClientLeft
		return
	}
	p := asProblem(err, c.Request())
	if p.Cause != nil {
		s.log.Error("failed", "error", p.Cause.Error(), "id", c.Response().Header().Get(requestIDHeader))
	}
	if c.Response().Committed {
		return
	}
	header := c.Response().Header()
	header.Set("Cache-Control", "no-store")
	switch {
	case p.RetryAfter > 0:
		header.Set("Retry-After", strconv.Itoa(p.RetryAfter))
	case p.Status == http.StatusServiceUnavailable:
		header.Set("Retry-After", "2")
	case p.Status == http.StatusUnauthorized:
		header.Set("WWW-Authenticate", `Bearer realm="rakam"`)
	}
	defer linger(c)()
	if wantsPage(c.Request()) {
		err = s.problemPage(c, p)
	} else {
		err = s.problemDocument(c, p)
	}
	if err != nil {
		s.log.Error("the error could not be answered", "error", err.Error())
	}
}

// statusClientLeft is what nginx calls it when nobody is there to be answered.
const statusClientLeft = 499

// clientLeft says whether err is nobody's fault: the client closed the connection.
// The store has a connection too; what breaks before the answer has begun, while
// the client is still there, is that one.
func clientLeft(err error, c echo.Context) bool {
	gone := c.Request().Context().Err() != nil
	broken := errors.Is(err, syscall.EPIPE) || errors.Is(err, syscall.ECONNRESET)
	return broken && (gone || c.Response().Committed) || errors.Is(err, context.Canceled) && gone
}

// lingerTime is how long a client may go on sending what nobody will read.
const lingerTime = 10 * time.Second

// answered is the key under which a context keeps when its answer was out, if the
// handler did not return then.
const answered = "answered"

// linger lets a client that is still sending its body hear the answer. Most hear
// only when they have sent everything; if the connection were closed on them they
// would report a broken pipe and never the problem. So, once the answer is out,
// what still comes is thrown away for a while (nginx: lingering_close). Call it
// before the answer, and what it returns after.
func linger(c echo.Context) func() {
	r := c.Request()
	// net/http itself waits for a short body if it means to keep the connection, and
	// a client that waits for "100 Continue" sends nothing after a refusal.
	short := r.ContentLength >= 0 && r.ContentLength <= 256<<10
	if r.ContentLength == 0 || short && !r.Close || r.ProtoMajor != 1 || r.Header.Get("Expect") != "" {
		return func() {}
	}
	control := http.NewResponseController(c.Response())
	if control.EnableFullDuplex() != nil { // else net/http reads before it writes
		return func() {}
	}
	c.Response().Header().Set("Connection", "close")
	return func() {
		c.Set(answered, time.Now())
		_ = control.Flush()
		_ = control.SetReadDeadline(time.Now().Add(lingerTime))
		_, _ = io.Copy(io.Discard, r.Body)
	}
}

// wantsPage says whether a person is looking at the answer.
func wantsPage(r *http.Request) bool {
	return !strings.HasPrefix(r.URL.Path, "/api/") && strings.Contains(r.Header.Get("Accept"), "text/html")
}

func (s *site) problemPage(c echo.Context, p *Problem) error {
	lang := language(c)
	title, hint := s.problemTexts(cmp.Or(p.words, p.Code), lang)
	err := s.renderStatus(c, p.Status, "error.html", errorData{p.Status, title, hint})
	if err == nil || c.Response().Committed {
		return err
	}
	// The page itself cannot be made, as in a program built without its front end.
	s.log.Debug("no error page", "error", err.Error())
	c.Response().Header().Set("Content-Language", string(lang))
	return c.String(p.Status, title+"\n\n"+hint+"\n")
}

func (s *site) problemDocument(c echo.Context, p *Problem) error {
	title, hint := s.problemTexts(p.Code, locale.English) // programs are answered in one language
	if p.Hint != "" {
		hint = p.Hint
	}
	text, err := json.Marshal(problemBody{
		Type:     "urn:rakam:problem:" + p.Code,
		Title:    title,
		Status:   p.Status,
		Detail:   p.Detail,
		Hint:     hint,
		Instance: c.Request().URL.Path,
		Request:  c.Response().Header().Get(requestIDHeader),
		Field:    p.Field,
		Gate:     p.Gate,
	})
	if err != nil {
		return err
	}
	text = append(text, '\n')
	c.Response().Header().Set("Content-Length", strconv.Itoa(len(text)))
	return c.Blob(p.Status, "application/problem+json", text)
}

func (s *site) problemTexts(code string, lang locale.Lang) (title, hint string) {
	texts := s.built.pages.texts[lang]
	return texts["server."+code+".title"], texts["server."+code+".hint"]
}

// answerJSON writes what a client may keep as long as it asks whether it changed.
func answerJSON(c echo.Context, body any) error {
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	return encoded.Fast("application/json", append(text, '\n'), c.Request()).
		Serve(c.Response(), c.Request(), "no-cache")
}

// answerNow writes what is true at this moment only.
func answerNow(c echo.Context, status int, body any) error {
	c.Response().Header().Set("Cache-Control", "no-store")
	return c.JSON(status, body)
}
