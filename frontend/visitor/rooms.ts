/** Everything of a contact, in a file of its own, so that the door is on the screen first. */
export { begin, consent } from "./link";
export { default as Room } from "./screens/Room.vue";
