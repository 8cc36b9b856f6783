"""Fold what a person typed into one plain form, remembering where each character came from."""

import re
import unicodedata

import msgspec

from triage.domain.sieve import Needs, Sieve, grams

# Traditional to simplified, character by character: the written Chinese of everyday talk, not a full converter.
_TRADITIONAL = (
    "丟並亂佈佔併來侖侶係俠倆倉個們倫偉側傑備傳債傷傾僅僞僥僱價儀儉償優儲兇兌兒內兩冊凍別刪則剛剝創劃劇劉劍劑勁動務勝勞勢勵勸"
    "匱區協卻厭厲參吳吶員唄問啓啞啟喚喪喫喬單嗎嗚嘆嘔嘗嘮嘰噴嚇嚨嚴囂囉囑國圍園圓圖團執堅堯報場塊塗塵墊墜墮墳壇壓壘壞壯壺夠夢"
    "夥夾奧奪奮妝妳姦娛婦媽嫵嬌嬰孃孫學宮寢實寧審寫寬寵寶將專尋對導尷屆屍屢層屬島崗嶄嶺巖帥師帳帶幀幃幣幫幹幾庫廁廂廚廟廠廢廣"
    "廬廳張強彈彌彎彙後徑從復徵徹恆恥悅悶悽惡惱愛態慘慚慣慫慮慶憂憊憐憑憚憤憶懇應懟懲懶懷懸懼戀戇戰戲戶拋掃掙掛採揀揚換揮損搖"
    "搗搶摟摯摳摺摻撈撐撓撥撫撲撿擁擇擊擋擔據擠擰擱擴擺擾攆攔攜攝攢攤攪攬敗敘敵數斂斃斬斷於時晉暈暢暫曆曉曖曬書會東條棄棟楊業"
    "極榮構槍樁樂樓標樣樸樹橋機橫檔檢檯櫃櫻欄權歎歡歲歷歸殘殯殺殼毀毆氈氣決沒況洩洶涼淚淨淪淵淺渙減渦測渾湊湧湯準溝溫滅滯滾滿"
    "漢漲漸潑潔潛潰澀濃濕濟濫瀉瀏瀕瀟瀾灑灣災為烏無煉煙煥煩熱燈燒燙營燭爐爛爭爲爺爾牀牆牠牽犧狀猶獄獎獨獲獸獻現瑣環產畢畫異當"
    "疊痠瘋瘓瘡療癒癡癢癮癱發皁皺盜盡監盤盪眞眾睏瞞矇矚矯碩確碼礎礙礪祂祕禍禦禪禮禱禿稅種稱穌積穢穩窩窮窺竄竅竇竊競筆筍箇節範"
    "築篤篩簡簾籃籠籤粵糞糧糰糾紀約紅紋納紐純紗紙級紛紮細紹終絃組絆結絕絞絡給統絲綁經綜綠維網緊緒線緣編緩緲練緻縛縣縫縮縱縹總"
    "績繃織繞繩繪繫繼續纏纔罰罵罷羅羣羨義習翹聖聞聯聰聲職聽聾肅脅脈脫脹腎腦腫腳腸膚膠膩膽臉臘臟臥臨臺與興舉舊艦艱芻莊華萊萬葉"
    "著蒼蓋蔣蔥蕩蕭薦藍藝藥蘆蘇蘋蘭處虛虜號虧蝕蟲蠟蠻衆術衛衝袞裏補裝裡製複褲褻襯襲見規覓視親覺覽觀觸訂計訊討訓訕託記訝訟訥訪"
    "設許訴診詆詐評詛詞詢試詩詭詮話該詳誇誌認誒誕誘語誠誣誤誨說誰課誼調談請諒論諛諧諮諱諷諸諾謀謂謊謎講謝謠謹謾譁證譏識譜譯議"
    "護譽讀變讓讚豈豐豬貓貝貞負財貢貧貨貪貫責貴貶買貸費貼貿賀資賓賜賞賠賢賣賤賦質賬賭賴賺購賽贅贈贊贏贖趕趙跡踐蹠蹤躊躍軀車軌"
    "軍軟較載輔輕輛輟輩輪輯輸輾輿轉轍轟辦辭辯農迴逕這連週進遊運過達違遙遜遞遠適遲遷選遺邁還邊邏郵鄉鄭鄰醜醫醬釀釁釋釐釘針釣鈍"
    "鈔鈕鈴鉛鉤銀銘銜銬銳銷鋒鋪鋼錄錐錘錢錮錯鍋鍍鍛鍵鍾鎖鎚鎮鏈鏡鐵鑣鑰鑽鑿長門閃閉開閑閒間閡閨閱闆闊闖關陣陰陳陸陽隊階隕際隨"
    "險隱隸隻雖雙雜雞離難雲電霧靂靈靚靜靦韌韓響頁頂項順須頌預頑頓頗領頤頭頰頸頹頻顆題額顏願顛類顧顫顯風飄飆飛飢飯飲飽飾餅養餓"
    "餘館餿饅饋饑饒馬馮馳馴駁駐駕駛騎騖騙騰騷驅驕驗驚驟驢骯髒體髮鬆鬍鬥鬧鬱魘魚魯魷鮑鮮鯁鳥鳳鳴鴆鴨鴻鵝鹹鹼鹽麗麥麼黃點黨黴齊"
    "齒齡龍龜"
)
_SIMPLIFIED = (
    "丢并乱布占并来仑侣系侠俩仓个们伦伟侧杰备传债伤倾仅伪侥雇价仪俭偿优储凶兑儿内两册冻别删则刚剥创划剧刘剑剂劲动务胜劳势励劝"
    "匮区协却厌厉参吴呐员呗问启哑启唤丧吃乔单吗呜叹呕尝唠叽喷吓咙严嚣啰嘱国围园圆图团执坚尧报场块涂尘垫坠堕坟坛压垒坏壮壶够梦"
    "伙夹奥夺奋妆你奸娱妇妈妩娇婴娘孙学宫寝实宁审写宽宠宝将专寻对导尴届尸屡层属岛岗崭岭岩帅师账带帧帏币帮干几库厕厢厨庙厂废广"
    "庐厅张强弹弥弯汇后径从复征彻恒耻悦闷凄恶恼爱态惨惭惯怂虑庆忧惫怜凭惮愤忆恳应怼惩懒怀悬惧恋戆战戏户抛扫挣挂采拣扬换挥损摇"
    "捣抢搂挚抠折掺捞撑挠拨抚扑捡拥择击挡担据挤拧搁扩摆扰撵拦携摄攒摊搅揽败叙敌数敛毙斩断于时晋晕畅暂历晓暧晒书会东条弃栋杨业"
    "极荣构枪桩乐楼标样朴树桥机横档检台柜樱栏权叹欢岁历归残殡杀壳毁殴毡气决没况泄汹凉泪净沦渊浅涣减涡测浑凑涌汤准沟温灭滞滚满"
    "汉涨渐泼洁潜溃涩浓湿济滥泻浏濒潇澜洒湾灾为乌无炼烟焕烦热灯烧烫营烛炉烂争为爷尔床墙它牵牺状犹狱奖独获兽献现琐环产毕画异当"
    "叠酸疯痪疮疗愈痴痒瘾瘫发皂皱盗尽监盘荡真众困瞒蒙瞩矫硕确码础碍砺他秘祸御禅礼祷秃税种称稣积秽稳窝穷窥窜窍窦窃竞笔笋个节范"
    "筑笃筛简帘篮笼签粤粪粮团纠纪约红纹纳纽纯纱纸级纷扎细绍终弦组绊结绝绞络给统丝绑经综绿维网紧绪线缘编缓缈练致缚县缝缩纵缥总"
    "绩绷织绕绳绘系继续缠才罚骂罢罗群羡义习翘圣闻联聪声职听聋肃胁脉脱胀肾脑肿脚肠肤胶腻胆脸腊脏卧临台与兴举旧舰艰刍庄华莱万叶"
    "着苍盖蒋葱荡萧荐蓝艺药芦苏苹兰处虚虏号亏蚀虫蜡蛮众术卫冲衮里补装里制复裤亵衬袭见规觅视亲觉览观触订计讯讨训讪托记讶讼讷访"
    "设许诉诊诋诈评诅词询试诗诡诠话该详夸志认诶诞诱语诚诬误诲说谁课谊调谈请谅论谀谐咨讳讽诸诺谋谓谎谜讲谢谣谨谩哗证讥识谱译议"
    "护誉读变让赞岂丰猪猫贝贞负财贡贫货贪贯责贵贬买贷费贴贸贺资宾赐赏赔贤卖贱赋质账赌赖赚购赛赘赠赞赢赎赶赵迹践跖踪踌跃躯车轨"
    "军软较载辅轻辆辍辈轮辑输辗舆转辙轰办辞辩农回径这连周进游运过达违遥逊递远适迟迁选遗迈还边逻邮乡郑邻丑医酱酿衅释厘钉针钓钝"
    "钞钮铃铅钩银铭衔铐锐销锋铺钢录锥锤钱锢错锅镀锻键钟锁锤镇链镜铁镳钥钻凿长门闪闭开闲闲间阂闺阅板阔闯关阵阴陈陆阳队阶陨际随"
    "险隐隶只虽双杂鸡离难云电雾雳灵靓静腼韧韩响页顶项顺须颂预顽顿颇领颐头颊颈颓频颗题额颜愿颠类顾颤显风飘飙飞饥饭饮饱饰饼养饿"
    "余馆馊馒馈饥饶马冯驰驯驳驻驾驶骑骛骗腾骚驱骄验惊骤驴肮脏体发松胡斗闹郁魇鱼鲁鱿鲍鲜鲠鸟凤鸣鸩鸭鸿鹅咸碱盐丽麦么黄点党霉齐"
    "齿龄龙龟"
)
_FOLD = dict(zip(_TRADITIONAL, _SIMPLIFIED, strict=True)) | {"’": "'", "‘": "'", "“": '"', "”": '"'}
_WIDE = {",": "，", "?": "？", "!": "！", ";": "；", ":": "：", ".": "。"}
_KEPT = frozenset("，？！；：。…")
_PLAIN = re.compile(r"[\u4e00-\u9fffa-z0-9 \n'\"()/+*=%~、。，？！；：…-]*")  # what folding leaves as it is
_DROPPED = frozenset({"Cf", "Mn", "Cc", "Cs", "Co"})  # zero-width joiners, variation selectors, controls, stray halves


class Folded(msgspec.Struct, frozen=True):
    """Plain text and, for each of its characters, the half-open span of the original it stands for."""

    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The span of the original (in code points) that folded characters [start, end) stand for."""
        if start >= end:
            return (0, 0)
        return (min(self.starts[start:end]), max(self.ends[start:end]))


class Spelling(msgspec.Struct, frozen=True):
    """One way people disguise a word, and the word that is meant."""

    pattern: re.Pattern[str]
    means: str
    needs: Needs = ()


def fold(text: str) -> Folded:
    """Compatibility forms, case and traditional characters made one; invisible characters dropped."""
    if _PLAIN.fullmatch(text) and _FOLD.keys().isdisjoint(text):  # most of what people write
        return Folded(text, tuple(range(len(text))), tuple(range(1, len(text) + 1)))
    chars: list[str] = []
    origin: list[int] = []
    for at, raw in enumerate(text):
        if raw == "\n":
            chars.append(raw)
            origin.append(at)
            continue
        if raw in _WIDE and chars and "\u4e00" <= chars[-1] <= "\u9fff":
            plain = _WIDE[raw]  # one set of marks in Chinese text
        elif raw in _KEPT or raw.isascii() or "\u4e00" <= raw <= "\u9fff":
            plain = _FOLD.get(raw, raw.lower())
        else:
            plain = _FOLD.get(raw) or unicodedata.normalize("NFKC", raw).lower()
        for char in plain:
            if char.isascii() and char.isprintable():
                kept = char
            elif unicodedata.category(char) in _DROPPED:
                continue
            else:
                kept = _FOLD.get(char, char)
            chars.append(kept)
            origin.append(at)
    return Folded("".join(chars), tuple(origin), tuple(at + 1 for at in origin))


def respell(folded: Folded, spellings: tuple[Spelling, ...], sieve: Sieve) -> tuple[Folded, set[str]]:
    """Replace disguised words (homophones, letters, split characters) by the word that is meant, in their order.

    Answers the grams of the result too, as whoever reads on needs them.
    """
    held = grams(folded.text)
    worth = sieve.passing(held)
    for number, spelling in enumerate(spellings):
        if number in worth and spelling.pattern.search(folded.text):
            folded = _replace(folded, spelling)
            held = grams(folded.text)
            worth = sieve.passing(held)
    return folded, held


def _replace(folded: Folded, spelling: Spelling) -> Folded:
    """Apply one spelling everywhere; each replaced character points at the whole disguise."""
    text: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    last = 0
    for match in spelling.pattern.finditer(folded.text):
        start, end = match.span()
        if start == end:
            continue
        text.append(folded.text[last:start])
        starts.extend(folded.starts[last:start])
        ends.extend(folded.ends[last:start])
        first, final = folded.span(start, end)
        text.append(spelling.means)
        starts.extend([first] * len(spelling.means))
        ends.extend([final] * len(spelling.means))
        last = end
    text.append(folded.text[last:])
    starts.extend(folded.starts[last:])
    ends.extend(folded.ends[last:])
    return Folded("".join(text), tuple(starts), tuple(ends))
