// One page with both ends of a call: a mouth that beeps, an ear that hears, on one audio clock.
const context = new AudioContext({sampleRate: 48000, latencyHint: 'interactive'});
const worklet = `
registerProcessor('ear', class extends AudioWorkletProcessor {
  constructor() { super(); this.quiet = 0; }
  process([[samples]]) {
    if (!samples) return true;
    for (let n = 0; n < samples.length; n++) {
      if (Math.abs(samples[n]) < 0.04) this.quiet++;
      else {
        if (this.quiet > 4800) this.port.postMessage((currentFrame + n) / sampleRate);
        this.quiet = 0;
      }
    }
    return true;
  }
});`;
const peers = {};
const sinks = [];
const mouth = context.createMediaStreamDestination();
const gain = context.createGain();
const voice = context.createOscillator();
gain.gain.value = 0;
voice.frequency.value = 1000;
voice.connect(gain).connect(mouth);
voice.start();
let said = [];
let heard = [];

function listen(stream, log) {
  const sink = new Audio();
  sink.srcObject = stream;
  sink.play();
  sinks.push(sink);
  const ear = new AudioWorkletNode(context, 'ear');
  ear.port.onmessage = ({data}) => log(data);
  context.createMediaStreamSource(stream).connect(ear);
}
window.ready = async () => {
  await context.audioWorklet.addModule(URL.createObjectURL(new Blob([worklet], {type: 'text/javascript'})));
  await context.resume();
};
window.connect = (name, speaks) => {
  peers[name]?.close();
  const pc = (peers[name] = new RTCPeerConnection({iceServers: [], bundlePolicy: 'max-bundle'}));
  if (speaks) pc.addTransceiver(mouth.stream.getAudioTracks()[0], {direction: 'sendrecv'});
  else {
    pc.addTransceiver('audio', {direction: 'recvonly'});
    pc.ontrack = ({track}) => listen(new MediaStream([track]), (at) => heard.push(at));
  }
};
window.offer = async (name, restart) => {
  if (restart) peers[name].restartIce();
  await peers[name].setLocalDescription();
  return peers[name].localDescription.sdp;
};
window.take = (name, sdp) => peers[name].setRemoteDescription({type: 'answer', sdp});
window.direct = async () => {
  for (const name of ['a', 'b']) peers[name]?.close();
  const [a, b] = ['a', 'b'].map((name) => (peers[name] = new RTCPeerConnection({iceServers: []})));
  a.onicecandidate = ({candidate}) => b.addIceCandidate(candidate);
  b.onicecandidate = ({candidate}) => a.addIceCandidate(candidate);
  b.ontrack = ({track}) => listen(new MediaStream([track]), (at) => heard.push(at));
  a.addTrack(mouth.stream.getAudioTracks()[0], mouth.stream);
  await a.setLocalDescription();
  await b.setRemoteDescription(a.localDescription);
  await b.setLocalDescription();
  await a.setRemoteDescription(b.localDescription);
};
window.beeps = async (times) => {
  said = [];
  heard = [];
  for (let n = 0; n < times; n++) {
    // Not in step with the 20 ms of a packet, so that every place in a packet is met.
    const at = context.currentTime + 0.05 + Math.random() * 0.02;
    gain.gain.setValueAtTime(0.5, at);
    gain.gain.setValueAtTime(0, at + 0.1);
    said.push(at);
    await new Promise((done) => setTimeout(done, 500));
  }
  return said.map((at) => heard.find((then) => then > at && then < at + 0.45) - at).filter((ms) => !Number.isNaN(ms));
};
window.tone = (on) => { gain.gain.value = on ? 0.5 : 0; };
window.numbers = async (name) => {
  const reports = [...(await peers[name].getStats()).values()];
  const inbound = reports.find((one) => one.type === 'inbound-rtp') ?? {};
  const transport = reports.find((one) => one.type === 'transport') ?? {};
  return {packets: inbound.packetsReceived ?? 0, lost: inbound.packetsLost ?? 0, pair: transport.selectedCandidatePairId ?? ''};
};
