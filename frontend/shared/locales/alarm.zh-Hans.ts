/** Words of escalations as everybody on duty sees them. */
export const zh = {
  "alarm.title": "紧急 · 未接手",
  "alarm.taken": "紧急 · {name} 已接手",
  "alarm.cause.imminent": "有即时危险",
  "alarm.cause.visitor_key": "来访者按下“需要马上有人帮我”",
  "alarm.cause.support": "同事需要支援",
  "alarm.cause.stranded": "危险中的来访者断线未回",
  "alarm.cause.counselor_lost": "危险中的来访失去了咨询员",
  "alarm.cause.no_news": "接手后很久没有消息",
  "alarm.number": "{n} 号",
  "alarm.since": "已 {time}",
  "alarm.take": "我来接手",
  "alarm.join": "加入对话",
  "alarm.open": "查看",
} as const;
