/** Words a visitor sees of help, a safety plan and a referral; field names for everybody. */
import { dictionary } from "./i18n";

const zh = {
  "plan.title": "安全计划",
  "plan.lead": "这是我们一起写下的，给难熬的时候用。您可以保存下来。",
  "plan.warning_signs": "什么时候我知道自己又要难受了",
  "plan.coping": "我自己能做、能让我缓一缓的事",
  "plan.distraction": "能让我分心的人和地方",
  "plan.people": "我可以求助的亲友",
  "plan.professionals": "可以打的电话、可以去的机构",
  "plan.surroundings": "怎样让身边更安全",
  "plan.copy": "复制文字",
  "plan.copied": "已复制",
  "key": "需要马上有人帮我",
  "key.done": "已经通知值班督导，正在请人马上过来。很危险的话，请直接打最上面的电话。",
  "refer.ask": "咨询员想请 {name} 来帮您，只会告诉对方下面勾选的内容：",
  "refer.ask.free": "可以一项都不同意，也可以随时收回，不影响现在的对话。",
  "refer.yes": "同意转告勾选的内容",
  "refer.no": "不用了",
  "field.need": "希望得到什么帮助",
  "field.called": "怎样称呼",
  "field.reach": "联系方式",
  "field.situation": "情况简述",
  "field.safety": "安全方面已做的事",
  "field.wishes": "时间、地点等偏好",
};

const en: Record<keyof typeof zh, string> = {
  "plan.title": "Safety plan",
  "plan.lead": "We wrote this together, for when it gets hard. You can keep it.",
  "plan.warning_signs": "How I notice that it begins",
  "plan.coping": "What I can do myself that eases it",
  "plan.distraction": "People and places that take my mind off it",
  "plan.people": "People I can ask for help",
  "plan.professionals": "Numbers to call, places to go",
  "plan.surroundings": "How to make my surroundings safer",
  "plan.copy": "Copy the text",
  "plan.copied": "Copied",
  "key": "I need somebody now",
  "key.done": "The supervisor on duty has been called and somebody is being asked to come now. In great danger, call the numbers at the top.",
  "refer.ask": "Your counselor would like {name} to help you. They would be told only what is ticked below:",
  "refer.ask.free": "You may agree to none of it, and take it back at any time; this talk goes on either way.",
  "refer.yes": "Yes, pass on what is ticked",
  "refer.no": "No, thank you",
  "field.need": "What help is wanted",
  "field.called": "What to call them",
  "field.reach": "How to reach them",
  "field.situation": "The situation in short",
  "field.safety": "What has been done for safety",
  "field.wishes": "Wishes about time and place",
};

export const t = dictionary(zh, en);
export type CareKey = keyof typeof zh;
