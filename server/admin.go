package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
)

// Who may do what: bound to loopback and without a token, whoever reaches the
// server sits at the machine and is its administrator. With a token, which a
// server needs that is bound to anything else, an administrator shows it, as a
// program in each request or as a person once, at /login.

const (
	adminCookie  = "admin"
	adminSession = 30 * 24 * time.Hour
	mostAttempts = 10 // failed, a minute, from one address
)

// admin says whether c comes from the administrator.
func (s *site) admin(c echo.Context) bool { return s.denial(c) == nil }

// requireAdmin returns nil for the administrator and a problem for others.
func (s *site) requireAdmin(c echo.Context) error {
	if p := s.denial(c); p != nil {
		return p
	}
	return nil
}

// denial is why c is not taken for the administrator's, nil if it is. A request is
// judged, and a wrong token counted, once.
func (s *site) denial(c echo.Context) *Problem {
	const known = "denial"
	if p, ok := c.Get(known).(*Problem); ok {
		return p
	}
	p := s.judge(c)
	c.Set(known, p)
	return p
}

// atTheMachine says whether r comes from the person at the machine, who needs no
// token. What a proxy passed on may come from anybody.
func (s *site) atTheMachine(r *http.Request) bool {
	return s.config.trusting() && !forwarded(r)
}

func forwarded(r *http.Request) bool {
	for name := range r.Header {
		if name == "Forwarded" || name == "Via" || name == "X-Real-Ip" || strings.HasPrefix(name, "X-Forwarded-") {
			return true
		}
	}
	return false
}

func (s *site) judge(c echo.Context) *Problem {
	r := c.Request()
	switch token, given := bearer(r); {
	case s.atTheMachine(r):
		return nil
	case s.config.AdminToken == "":
		return problem("unauthorised", "This needs the administrator, and came through a proxy, which anybody may use.",
			"Start the server with --admin-token, or open it at the machine, by the address it printed when it started.")
	case given:
		return s.tryToken(r, token)
	}
	if cookie, err := c.Cookie(adminCookie); err == nil && s.isSession(cookie.Value, time.Now()) {
		return nil
	}
	return problem("unauthorised", "This needs the administrator.",
		"Send the token the server was started with, as in Authorization: Bearer TOKEN, or log in at /login.")
}

// tryToken returns nil for the right token, whatever others sent from the same
// address, which may be a proxy's. What is wrong counts.
func (s *site) tryToken(r *http.Request, token string) *Problem {
	if s.isToken(token) {
		return nil
	}
	if !s.attempts.allow(r) {
		return tooMany("There were too many wrong tokens from your address.")
	}
	s.log.Warn("a wrong token", "from", r.RemoteAddr)
	return problem("unauthorised", "The token is wrong.", "Send the token the server was started with (--admin-token).")
}

func bearer(r *http.Request) (token string, ok bool) {
	scheme, token, ok := strings.Cut(r.Header.Get("Authorization"), " ")
	return strings.TrimSpace(token), ok && strings.EqualFold(scheme, "Bearer")
}

// isToken compares in a time that does not tell how much of it was right, nor
// how long the token is.
func (s *site) isToken(token string) bool {
	given, right := sha256.Sum256([]byte(token)), sha256.Sum256([]byte(s.config.AdminToken))
	return s.config.AdminToken != "" && subtle.ConstantTimeCompare(given[:], right[:]) == 1
}

// session returns the value of a cookie that is good until end: the end, and a
// signature that only who knows the token can make. So sessions outlive a restart
// and end when the token changes.
func (s *site) session(end time.Time) string {
	text := strconv.FormatInt(end.Unix(), 10)
	sign := hmac.New(sha256.New, []byte(s.config.AdminToken))
	sign.Write([]byte("rakam session until " + text))
	return text + "." + hex.EncodeToString(sign.Sum(nil))
}

func (s *site) isSession(value string, now time.Time) bool {
	text, _, _ := strings.Cut(value, ".")
	end, err := strconv.ParseInt(text, 10, 64)
	if err != nil || s.config.AdminToken == "" || now.Unix() >= end {
		return false
	}
	return hmac.Equal([]byte(value), []byte(s.session(time.Unix(end, 0))))
}

// loginData is what login.html shows.
type loginData struct {
	Next  string // where to go then
	Wrong bool   // the token was
}

// loginPage answers GET /login[?next=PATH].
func (s *site) loginPage(c echo.Context) error {
	next := localPath(c.QueryParam("next"))
	if s.atTheMachine(c.Request()) {
		return c.Redirect(http.StatusSeeOther, next)
	}
	return s.render(c, "login.html", loginData{Next: next})
}

// login answers POST /login with the form fields token and next.
func (s *site) login(c echo.Context) error {
	r := c.Request()
	if err := readForm(c, mostForm); err != nil {
		return err
	}
	next := localPath(r.PostForm.Get("next"))
	if s.atTheMachine(r) {
		return c.Redirect(http.StatusSeeOther, next)
	}
	if p := s.tryToken(r, r.PostForm.Get("token")); p != nil {
		if !wantsPage(r) || p.Code != "unauthorised" {
			return p
		}
		return s.renderStatus(c, http.StatusUnauthorized, "login.html", loginData{next, true})
	}
	s.setAdminCookie(c, s.session(time.Now().Add(adminSession)), int(adminSession.Seconds()))
	return c.Redirect(http.StatusSeeOther, next)
}

// logout answers POST /logout.
func (s *site) logout(c echo.Context) error {
	s.setAdminCookie(c, "", -1)
	return c.Redirect(http.StatusSeeOther, "/")
}

func (s *site) setAdminCookie(c echo.Context, value string, age int) {
	c.Response().Header().Set("Cache-Control", "no-store")
	c.SetCookie(&http.Cookie{
		Name: adminCookie, Value: value, Path: "/", MaxAge: age,
		HttpOnly: true, Secure: overTLS(c.Request()), SameSite: http.SameSiteStrictMode,
	})
}

// overTLS says whether the browser talks TLS, to this server or to a proxy before
// it. Who lies about that only harms himself.
func overTLS(r *http.Request) bool {
	return r.TLS != nil || strings.EqualFold(r.Header.Get("X-Forwarded-Proto"), "https")
}

// localPath is next if it leads to a page of this site, else the start page: a
// link to /login must not be able to send people elsewhere.
func localPath(next string) string {
	u, err := url.Parse(next)
	if err != nil || u.IsAbs() || u.Host != "" || !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") || strings.ContainsAny(next, "\\\r\n\t") {
		return "/"
	}
	return next
}

func tooMany(detail string) *Problem {
	p := problem("too-many", detail, fmt.Sprintf("Try again in %d seconds.", int(window.Seconds())))
	p.RetryAfter = int(window.Seconds())
	return p
}
