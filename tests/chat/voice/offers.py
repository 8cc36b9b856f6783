"""Offers as browsers write them, invented addresses and all."""

CHROMIUM = """v=0
o=- 4611686018427387904 2 IN IP4 127.0.0.1
s=-
t=0 0
a=group:BUNDLE 0 1
a=extmap-allow-mixed
a=msid-semantic: WMS 5c2d3a7e-private-stream
m=audio 51234 UDP/TLS/RTP/SAVPF 111 63 9 0 8 13 110 126
c=IN IP4 203.0.113.77
a=rtcp:9 IN IP4 0.0.0.0
a=candidate:1467250027 1 udp 2122260223 192.168.77.12 51234 typ host generation 0 network-id 1
a=candidate:1853887674 1 udp 1518280447 203.0.113.77 36768 typ srflx raddr 192.168.77.12 rport 36768
a=candidate:842163049 1 udp 2122194687 0f3a5c1e-private.local 51235 typ host
a=ice-ufrag:pRiV
a=ice-pwd:pRiVaTePaSsWoRdOfAlEg0000
a=ice-options:trickle
a=fingerprint:sha-256 19:E2:1C:3B:4B:9F:81:E6:B8:5C:F4:A5:A8:D8:73:04:BB:05:2F:70:9F:04:A9:0E:05:E9:26:33:E8:70:88:A2
a=setup:actpass
a=mid:0
a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level
a=extmap:2 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time
a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid
a=sendrecv
a=msid:5c2d3a7e-private-stream 9a1b-private-track
a=rtcp-mux
a=rtpmap:111 opus/48000/2
a=rtcp-fb:111 transport-cc
a=fmtp:111 minptime=10;useinbandfec=1
a=rtpmap:63 red/48000/2
a=rtpmap:9 G722/8000
a=ssrc:3735928559 cname:pRiVaTeCnAmE
a=ssrc:3735928559 msid:5c2d3a7e-private-stream 9a1b-private-track
m=audio 9 UDP/TLS/RTP/SAVPF 111 63 9 0 8 13 110 126
c=IN IP4 0.0.0.0
a=ice-ufrag:pRiV
a=ice-pwd:pRiVaTePaSsWoRdOfAlEg0000
a=fingerprint:sha-256 19:E2:1C:3B:4B:9F:81:E6:B8:5C:F4:A5:A8:D8:73:04:BB:05:2F:70:9F:04:A9:0E:05:E9:26:33:E8:70:88:A2
a=setup:actpass
a=mid:1
a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level
a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid
a=recvonly
a=rtcp-mux
a=rtpmap:111 opus/48000/2
a=fmtp:111 minptime=10;useinbandfec=1
""".replace("\n", "\r\n")

# Everything in that offer that tells who or where the person is.
PRIVATE = ("192.168.77.12", "203.0.113.77", "private", "pRiV", "51234", "36768", "3735928559", "19:E2:1C")
