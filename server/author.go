package main

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"regexp"

	"github.com/labstack/echo/v4"

	"rakam/trainer/registry"
)

// authorCookie is how a browser finds again what it sent.
const authorCookie = "author"

var authorToken = regexp.MustCompile(`^[A-Z2-7]{26}$`) // as rand.Text makes them

// Authors whose tokens no browser is given.
const (
	nobody = "nobody"
	local  = "local" // whoever sits at the machine
)

// knownAuthor is the token by which a browser finds its corrections again, "" for
// one that has not made any. At the machine there is one author, also for programs,
// which send the same again without a cookie.
func (s *site) knownAuthor(c echo.Context) string {
	if s.atTheMachine(c.Request()) {
		return local
	}
	cookie, err := c.Cookie(authorCookie)
	if err != nil || !authorToken.MatchString(cookie.Value) {
		return ""
	}
	return cookie.Value
}

// author is knownAuthor; a browser without a token is given one.
func (s *site) author(c echo.Context) string {
	if known := s.knownAuthor(c); known != "" {
		return known
	}
	token := rand.Text()
	c.SetCookie(&http.Cookie{
		Name: authorCookie, Value: token, Path: "/", MaxAge: int(year.Seconds()),
		HttpOnly: true, Secure: overTLS(c.Request()), SameSite: http.SameSiteLaxMode,
	})
	return token
}

// ofAuthor does something with a correction as its author, or as the
// administrator with all of it, where he is not one of those who sent it.
func (s *site) ofAuthor(c echo.Context, id string, do func(ctx context.Context, author string) error) error {
	err := s.asAuthor(c, id, do)
	var none *Problem
	if s.admin(c) && (errors.As(err, &none) || errors.Is(err, registry.ErrDamaged)) {
		return do(c.Request().Context(), "")
	}
	return err
}

// asAuthor does something with a correction as its author alone.
func (s *site) asAuthor(c echo.Context, id string, do func(ctx context.Context, author string) error) error {
	author := s.knownAuthor(c)
	if author == "" {
		return noCorrection(id)
	}
	err := do(c.Request().Context(), author)
	if errors.Is(err, registry.ErrNotFound) {
		return noCorrection(id)
	}
	return err
}
