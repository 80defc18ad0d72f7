package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"
)

const (
	mostForm       = 4 << 10 // bytes of a form without a file
	mostFormMemory = 1 << 20 // of one with a file; what is beyond goes to the disk until it is answered
)

// readForm parses the form that c was sent, of so many bytes at most, for
// c.FormValue, which by itself takes whatever comes.
func readForm(c echo.Context, most int64) error {
	r := c.Request()
	if r.ContentLength > most {
		return formTooLarge(most) // without reading any of it
	}
	body := r.Body
	r.Body = http.MaxBytesReader(nil, body, most)
	defer func() { r.Body = body }() // the rest is linger's
	err := r.ParseForm()
	if err == nil && isMultipart(r) {
		err = r.ParseMultipartForm(mostFormMemory)
	}
	switch {
	case tooBig(err):
		return formTooLarge(most)
	case err != nil:
		return problem("bad-request", "The form could not be read.", "")
	}
	return nil
}

func isMultipart(r *http.Request) bool {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return err == nil && kind == "multipart/form-data"
}

func formTooLarge(most int64) *Problem {
	return problem("too-large", fmt.Sprintf("The form is larger than %d bytes.", most), "")
}

// jsonBody is what a request may send, and what to say to one that sends else.
type jsonBody struct {
	most  int64  // bytes
	hint  string // what to send
	large string // what to do about a body that is too large
}

// decodeJSON reads the body of r into v, in which no member may be unknown and
// after which nothing may follow.
func decodeJSON(r *http.Request, v any, want jsonBody) error {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return problem("media-type", fmt.Sprintf("The body is of type %q.", r.Header.Get("Content-Type")), "Send JSON, with Content-Type: application/json.")
	}
	if coding := r.Header.Get("Content-Encoding"); coding != "" && coding != "identity" {
		return problem("media-type", fmt.Sprintf("The body is encoded with %q.", coding), "Send it without Content-Encoding.")
	}
	if r.ContentLength > want.most {
		return want.tooLarge() // without reading any of it
	}
	decoder := json.NewDecoder(http.MaxBytesReader(nil, r.Body, want.most))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(v); err != nil {
		return want.bad(err)
	}
	if _, err := decoder.Token(); err != io.EOF {
		if tooBig(err) {
			return want.tooLarge()
		}
		return problem("malformed", "Something follows the JSON object.", "Send one object and nothing after it.")
	}
	return nil
}

func tooBig(err error) bool {
	var limit *http.MaxBytesError
	return errors.As(err, &limit)
}

func (want jsonBody) tooLarge() *Problem {
	return problem("too-large", fmt.Sprintf("The body is larger than %d bytes.", want.most), want.large)
}

// bad says what the decoder met.
func (want jsonBody) bad(err error) *Problem {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case tooBig(err):
		return want.tooLarge()
	case errors.Is(err, io.EOF):
		return problem("malformed", "The body is empty.", want.hint)
	case errors.Is(err, io.ErrUnexpectedEOF):
		return problem("malformed", "The body ends in the middle of the JSON.", want.hint)
	case errors.As(err, &syntax):
		return problem("malformed", fmt.Sprintf("The body is not JSON at byte %d: %s.", syntax.Offset, err), want.hint)
	case errors.As(err, &kind) && kind.Field == "":
		return problem("invalid", fmt.Sprintf("The body is of type %s, want an object.", kind.Value), want.hint)
	case errors.As(err, &kind):
		field := strings.TrimPrefix(kind.Field, "Request.") // embedded, and no name in JSON
		return fieldProblem(field, fmt.Sprintf("%s: there is a value of type %s, want %s.", field, kind.Value, wanted(kind)), want.hint)
	}
	if field, unknown := strings.CutPrefix(err.Error(), "json: unknown field "); unknown {
		return fieldProblem(strings.Trim(field, `"`), fmt.Sprintf("The field %s is unknown.", field), want.hint)
	}
	return problem("malformed", "The body could not be read.", want.hint)
}

// wanted says what belongs where something else was found.
func wanted(err *json.UnmarshalTypeError) string {
	switch kind := err.Type.Kind().String(); {
	case strings.HasPrefix(kind, "int"):
		return "a whole number"
	case strings.HasPrefix(kind, "uint"):
		return "a whole number of 0 or more"
	case strings.HasPrefix(kind, "float"):
		return "a number"
	case kind == "string":
		return "a text"
	case kind == "bool":
		return "true or false"
	case kind == "slice", kind == "array":
		return "a list"
	}
	return "an object"
}
