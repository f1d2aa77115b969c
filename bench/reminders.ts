/** The reminders of a storm: the same for every system, and the message that each becomes. Pure. */

export interface Reminder {
  /** What the message is found again by in the stub's log. */
  readonly key: string;
  /** The direct message of the person reminded. */
  readonly channel: string;
  readonly task: string;
}

const TITLE = 'Xây dựng, trình ban hành nghị định về cơ chế thử nghiệm có kiểm soát đối với công nghệ, sản phẩm, dịch vụ mới';
const ACTIONS = [
  ['task_acknowledge', 'Xác nhận đã nhận'],
  ['task_done', 'Báo hoàn thành'],
  ['task_progress', 'Cập nhật tiến độ'],
  ['task_obstacle', 'Báo khó khăn, vướng mắc'],
  ['task_extend', 'Đề nghị gia hạn'],
  ['task_details', 'Xem chi tiết'],
] as const;

/** @param o.people each gets an equal share, one after another, as the tasks of a body are spread */
export function remindersOf(o: { reminders: number; people: number }): Reminder[] {
  return Array.from({ length: o.reminders }, (_, index) => ({
    key: `storm-${String(index).padStart(6, '0')}`,
    channel: `D0${String(index % o.people).padStart(6, '0')}`,
    task: `NQ57-${String(index).padStart(6, '0')}`,
  }));
}

const plain = (text: string) => ({ type: 'plain_text', text, emoji: true });
const field = (name: string, text: string) => ({ type: 'mrkdwn', text: `*${name}*\n${text}` });

/** A card as dondoc sends one: some 3 KB of Block Kit, the key in the first block's id. */
export function cardOf({ key, channel, task }: Reminder) {
  return {
    channel,
    text: `Nhắc việc: sắp đến thời hạn: ${task} · ${TITLE} — 17:00 20/03/2026 (GMT+7). Chưa xác nhận đã nhận`,
    unfurl_links: false,
    unfurl_media: false,
    blocks: [
      { type: 'context', block_id: `${key}:0`, elements: [plain('Nhắc việc: sắp đến thời hạn · Chưa xác nhận đã nhận')] },
      { type: 'header', block_id: `${key}:1`, text: plain(`${task} · ${TITLE}`) },
      {
        type: 'section',
        block_id: `${key}:2`,
        fields: [
          field('Thời hạn', '<!date^1774000800^{date_num} {time}|17:00 20/03/2026 (GMT+7)>'),
          field('Cơ quan chủ trì', 'Bộ Khoa học và Công nghệ'),
          field('Người được giao', 'Nguyễn Thị Lan'),
          field('Lãnh đạo phụ trách', 'Trần Văn Minh'),
          field('Cơ quan phối hợp', 'Bộ Tài chính, Bộ Tư pháp, Bộ Công an, Ủy ban nhân dân thành phố Hà Nội'),
          field('Sản phẩm, kết quả đầu ra', 'Nghị định của Chính phủ, tờ trình, báo cáo đánh giá tác động'),
        ],
      },
      {
        type: 'section',
        block_id: `${key}:3`,
        text: plain(
          'Tiến độ gần nhất 40 %: đã lấy ý kiến các bộ, cơ quan ngang bộ; đang tổng hợp, tiếp thu, giải trình và hoàn thiện hồ sơ.',
        ),
      },
      {
        type: 'actions',
        block_id: `${key}:4`,
        elements: ACTIONS.map(([action_id, label]) => ({ type: 'button', action_id, text: plain(label), value: task })),
      },
      {
        type: 'context',
        block_id: `${key}:5`,
        elements: [plain('Bạn nhận tin này vì là người được giao: còn ba ngày làm việc đến thời hạn. Chính sách: chuẩn, phiên bản 3.')],
      },
    ],
  };
}
