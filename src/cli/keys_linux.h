/* Names of keys as Linux numbers them, for send-key. */
#pragma once
#include <linux/input-event-codes.h>

struct key_name {
    const char *name;
    unsigned code;
};

#define KEYS(DO) \
    DO(ESC) \
    DO(1) \
    DO(2) DO(3) DO(4) DO(5) DO(6) DO(7) DO(8) DO(9) DO(0) DO(MINUS) DO(EQUAL) DO(BACKSPACE) DO( \
        TAB) DO(Q) DO(W) DO(E) DO(R) DO(T) DO(Y) DO(U) DO(I) DO(O) DO(P) DO(LEFTBRACE) \
        DO(RIGHTBRACE) DO(ENTER) DO(LEFTCTRL) DO(A) DO(S) DO(D) DO(F) DO(G) DO(H) DO(J) DO(K) DO( \
            L) DO(SEMICOLON) DO(APOSTROPHE) DO(GRAVE) DO(LEFTSHIFT) DO(BACKSLASH) DO(Z) DO(X) \
            DO(C) DO(V) DO(B) DO(N) DO(M) DO(COMMA) DO(DOT) DO(SLASH) DO(RIGHTSHIFT) \
                DO(KPASTERISK) DO(LEFTALT) DO(SPACE) DO(CAPSLOCK) DO(F1) DO(F2) DO(F3) DO(F4) DO( \
                    F5) DO(F6) DO(F7) DO(F8) DO(F9) DO(F10) DO(NUMLOCK) \
                    DO(SCROLLLOCK) DO(KP7) DO(KP8) DO(KP9) DO(KPMINUS) DO(KP4) DO(KP5) DO(KP6) DO( \
                        KPPLUS) DO(KP1) DO(KP2) DO(KP3) DO(KP0) DO(KPDOT) DO(ZENKAKUHANKAKU) \
                        DO(102ND) DO(F11) DO(F12) DO(RO) DO(KATAKANA) DO(HIRAGANA) DO(HENKAN) \
                            DO(KATAKANAHIRAGANA) DO(MUHENKAN) DO(KPJPCOMMA) DO(KPENTER) DO( \
                                RIGHTCTRL) DO(KPSLASH) DO(SYSRQ) \
                                DO(RIGHTALT) DO(LINEFEED) DO(HOME) DO(UP) DO(PAGEUP) DO(LEFT) DO( \
                                    RIGHT) DO(END) DO(DOWN) DO(PAGEDOWN) DO(INSERT) \
                                    DO(DELETE) DO(MACRO) DO(MUTE) DO(VOLUMEDOWN) DO(VOLUMEUP) \
                                        DO(POWER) DO(KPEQUAL) DO(KPPLUSMINUS) DO(PAUSE) \
                                            DO(SCALE) DO(KPCOMMA) DO(HANGEUL) DO(HANJA) \
                                                DO(YEN) DO(LEFTMETA) DO(RIGHTMETA) DO(COMPOSE) DO( \
                                                    STOP) DO(AGAIN) DO(PROPS) DO(UNDO) DO(FRONT) \
                                                    DO(COPY) DO(OPEN) DO(PASTE) DO(FIND) DO(CUT) \
                                                        DO(HELP) DO(MENU) DO(CALC) DO(SETUP) \
                                                            DO(SLEEP) DO(WAKEUP) DO(F13) DO(F14) \
                                                                DO(F15) DO(F16) DO(F17) DO(F18) \
                                                                    DO(F19) DO(F20) DO(F21) \
                                                                        DO(F22) DO(F23) DO(F24) \
                                                                            DO(PRINT)
#define KEY_ROW(name) {"KEY_" #name, KEY_##name},
static const struct key_name linux_keys[] = {KEYS(KEY_ROW)};
